import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { insertHoliday, readHolidays, removeHoliday } from './queries-holidays.ts';
import { notFound, OperationRefused } from '../shared/refused.ts';

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
    const en = 'Only the installation can open a day that the law closes: npm run holidays.';
    throw new OperationRefused(
      'unprocessable',
      'holiday_open',
      en,
      'Solo la instalación puede abrir un día que la ley cierra: npm run holidays.',
      { errors: [{ field: 'kind', message: en }] },
    );
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
    throw new OperationRefused(
      'conflict',
      'holiday_known',
      `${wish.day} is in the calendar already.`,
      `${wish.day} ya está en el calendario.`,
    );
  }
  const id = await insertHoliday(trx, { ...wish, accountId: editor.accountId, by: editor.actor });
  await audit(trx, editor, 'holiday.added', id, { ...wish });
  return id;
}

/** Takes a correction out; its row stays, with who removed it. Throws `OperationRefused` when it is not the editor's. */
export async function dropHoliday(trx: Trx, editor: HolidayEditor, id: string): Promise<void> {
  if (!(await removeHoliday(trx, id, editor.accountId, editor.actor))) {
    throw notFound('holiday', 'ese feriado');
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
