import { DateTime } from 'luxon';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import type { AgreementKind, AgreementState } from '../../db/schema/negotiation.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import { wordsNow } from '../contacts/rules/labels.ts';
import { refuse } from '../shared/refused.ts';
import { type Money, moneyOf } from '../shared/rules/money.ts';
import { mostSheetRows } from '../shared/write-workbook.ts';
import { type BatchListRow, findBatch } from './queries-list.ts';
import {
  hasMoreThan,
  type Place,
  readResultAgreements,
  readResultCalls,
  readResultContacts,
  type ResultContact,
  readResultCosts,
  readResultDebts,
} from './queries-results.ts';
import { outcomeInWords } from '../contacts/rules/labels.ts';

export interface AgreementResult {
  readonly id: string;
  readonly kind: AgreementKind;
  readonly state: AgreementState;
  readonly total: Money;
  readonly discount: Money;
  readonly instalments: number;
  /** The last day of it. */
  readonly due_date: string;
  readonly made_at: string;
}

/** What became of one contact, as everything outside reads it. */
export interface ContactResult {
  readonly contact_id: string;
  readonly position: number;
  readonly name: string;
  readonly national_id: string | null;
  readonly state: ContactState;
  readonly outcome: string | null;
  readonly outcome_es: string | null;
  readonly waiting_for: string | null;
  readonly next_at: string | null;
  readonly calls: number;
  readonly phones_tried: readonly string[];
  readonly last_call: {
    /** With the offset of the person's clock. */
    readonly at: string;
    readonly zone: string;
    readonly outcome: string | null;
    readonly outcome_es: string | null;
  } | null;
  readonly creditors: readonly string[];
  /** What it was loaded with; an amount a currency, here and below. */
  readonly debt: readonly Money[];
  /** What is owed now to its creditors. */
  readonly outstanding: readonly Money[];
  /** What came in for its creditors since it was loaded. */
  readonly paid: readonly Money[];
  /** The newest first. */
  readonly agreements: readonly AgreementResult[];
  readonly cost: readonly Money[];
  readonly as_of: string;
}

/** Contacts that are read at once, in a transaction of their own: what is made of them is all that is held. */
const pageSize = 250;

/** A batch of the account, which must be there. `isSheet`: refuses one that a sheet of Excel cannot hold. */
export async function openResults(
  app: Database,
  accountId: string,
  batchId: string,
  isSheet: boolean,
): Promise<BatchListRow> {
  return inAccount(app, accountId, async (trx) => {
    const batch = await findBatch(trx, batchId);
    if (batch === undefined) throw refuse('batch_not_found');
    if (isSheet && (await hasMoreThan(trx, batchId, mostSheetRows - 1))) {
      throw refuse('workbook_too_long', { most: mostSheetRows });
    }
    return batch;
  });
}

/**
 * What became of each contact of a batch, in the order of the file, a page after the other: each row says when it was read,
 * because a batch goes on while a long one is. No transaction is open between two pages, however slowly they are taken.
 */
export async function* readResults(
  app: Database,
  accountId: string,
  batchId: string,
): AsyncGenerator<readonly ContactResult[]> {
  let after: Place | undefined;
  for (;;) {
    const from = after;
    const page = await inAccount(app, accountId, (trx) => readPage(trx, batchId, from));
    if (page.results.length > 0) yield page.results;
    if (page.results.length < pageSize) return;
    after = page.last;
  }
}

async function readPage(
  trx: Trx,
  batchId: string,
  after: Place | undefined,
): Promise<{ readonly results: readonly ContactResult[]; readonly last: Place | undefined }> {
  const contacts = await readResultContacts(trx, batchId, { after, limit: pageSize });
  return { results: await resultsOf(trx, contacts), last: contacts.at(-1) };
}

/** What became of some contacts. */
export async function resultsOf(
  trx: Trx,
  contacts: readonly ResultContact[],
): Promise<readonly ContactResult[]> {
  const ids = contacts.map(({ id }) => id);
  const calls = byContact(await readResultCalls(trx, ids));
  const debts = byContact(await readResultDebts(trx, ids));
  const agreements = byContact(await readResultAgreements(trx, ids));
  const costs = byContact(await readResultCosts(trx, ids));
  return contacts.map((contact): ContactResult => {
    const [dialled] = calls(contact.id);
    const owed = debts(contact.id);
    return {
      contact_id: contact.id,
      position: contact.ordinal,
      name: contact.name,
      national_id: contact.national_id,
      state: contact.state,
      outcome: contact.outcome,
      outcome_es: contact.outcome === null ? null : outcomeInWords(contact.outcome),
      waiting_for: contact.state === 'closed' ? null : waitsNow(contact),
      next_at: contact.state === 'closed' ? null : (contact.next_at?.toISOString() ?? null),
      calls: dialled?.calls ?? 0,
      phones_tried: [...new Set(dialled?.numbers)],
      last_call: dialled === undefined ? null : lastCallOf(dialled),
      creditors: [...new Set(owed.flatMap(({ creditors }) => creditors))],
      debt: owed.map(({ debt, currency }) => moneyOf(debt, currency)),
      outstanding: owed.map(({ outstanding, currency }) => moneyOf(outstanding, currency)),
      paid: owed.map(({ paid, currency }) => moneyOf(paid, currency)),
      agreements: agreements(contact.id).map((one) => ({
        id: one.id,
        kind: one.kind,
        state: one.state,
        total: moneyOf(one.total_micros, one.currency),
        discount: moneyOf(one.discount_micros, one.currency),
        instalments: one.instalments,
        due_date: one.due_date,
        made_at: one.made_at.toISOString(),
      })),
      cost: costs(contact.id).map(({ micros, unit }) => moneyOf(micros, unit)),
      as_of: contact.as_of.toISOString(),
    };
  });
}

function lastCallOf({
  last_at: at,
  last_zone: zone,
  last_outcome: outcome,
}: {
  readonly last_at: Date;
  readonly last_zone: string;
  readonly last_outcome: string | null;
}): NonNullable<ContactResult['last_call']> {
  const local = DateTime.fromJSDate(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ssZZ");
  return { at: local, zone, outcome, outcome_es: outcome === null ? null : outcomeInWords(outcome) };
}

function byContact<T extends { readonly contact_id: string }>(
  rows: readonly T[],
): (contactId: string) => readonly T[] {
  const grouped = Map.groupBy(rows, ({ contact_id: id }) => id);
  return (contactId) => grouped.get(contactId) ?? [];
}

function waitsNow({
  state,
  batch_state: batchState,
  waiting_for: waitingFor,
  next_at: nextAt,
  as_of: asOf,
}: ResultContact): string {
  return wordsNow({ state, batchState, waitingFor, nextAtMs: nextAt?.getTime() ?? null }, asOf.getTime());
}
