import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { insertHoliday, readHolidays, removeHoliday } from './queries-holidays.ts';
import { refuse } from '../shared/refused.ts';

export interface HolidayWish {
  readonly country: string;
  /** As people's files spell it; null: the whole country. */
  readonly region: string | null;
  /** 'YYYY-MM-DD'. */
  readonly day: string;
  readonly everyYear: boolean;
  readonly name: string;
  readonly kind: 'closed' | 'open';
  readonly source: string;
}

/** Whose rows: an account's own, or the installation's, which hold for every account (`accountId` null). */
export interface HolidayEditor {
  readonly accountId: string | null;
  readonly actor: string;
}

/**
 * Adds a correction of the holiday calendar; the next gate and the next look at the calendar see it. An account adds
 * days of rest for itself; that a day is none is for the installation to say. Throws `OperationRefused`.
 */
export async function addHoliday(trx: Trx, editor: HolidayEditor, wish: HolidayWish): Promise<string> {
  if (editor.accountId !== null && wish.kind === 'open') {
    throw refuse('holiday_open', {}, { field: 'kind' });
  }
  const known = await readHolidays(trx, wish.country);
  const isSame = known.some(
    (row) =>
      row.account_id === editor.accountId &&
      row.day === wish.day &&
      row.region === wish.region &&
      row.kind === wish.kind,
  );
  if (isSame) {
    throw refuse('holiday_known', { day: wish.day });
  }
  const id = await insertHoliday(trx, { ...wish, accountId: editor.accountId, by: editor.actor });
  await audit(trx, editor, 'holiday.added', id, { ...wish });
  return id;
}

/** Takes a correction out; its row stays, with who removed it. Throws `OperationRefused` when it is not the editor's. */
export async function dropHoliday(trx: Trx, editor: HolidayEditor, id: string): Promise<void> {
  if (!(await removeHoliday(trx, id, editor.accountId, editor.actor))) {
    throw refuse('holiday_not_found');
  }
  await audit(trx, editor, 'holiday.removed', id, {});
}

/** Rows of the installation carry who and when themselves: there is no account to audit them under. */
async function audit(
  trx: Trx,
  { accountId, actor }: HolidayEditor,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (accountId !== null) await writeAudit(trx, { accountId, actor, action, subject, detail });
}
