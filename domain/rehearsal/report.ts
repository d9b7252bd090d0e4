import { sql } from 'kysely';
import { DateTime } from 'luxon';
import type { Trx } from '../../db/client.ts';
import type { CalendarCell, RefusedTurns, RehearsalReport, Story, StoryEvent } from './report/types.ts';
import { callWords, outcomeWords } from '../../workflows/contact/words.ts';

export interface ReportTerms {
  readonly seed: string;
  readonly policy: string;
  readonly pack: string;
  readonly startsAt: Date;
  readonly zone: string;
  readonly batchId: string;
}

/** Reads what a rehearsal came to from its rows. In its own account's transaction. */
export async function readReport(trx: Trx, terms: ReportTerms): Promise<RehearsalReport> {
  const { batchId, zone } = terms;
  const calls = await readCalls(trx, batchId);
  const contacts = await trx
    .selectFrom('core.contact as k')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .select(['k.id', 'k.ordinal', 'k.outcome', 'k.attempts', 'k.closed_at', 's.name'])
    .where('k.batch_id', '=', batchId)
    .orderBy('k.ordinal')
    .execute();
  const events = await readEvents(trx, batchId, calls);
  const stories = contacts.map((contact, index): Story => ({
    row: index + 1,
    name: contact.name,
    outcome: contact.outcome ?? 'still_open',
    attempts: contact.attempts,
    events: [
      ...(events.get(contact.id) ?? []),
      ...(contact.closed_at === null
        ? []
        : [
            { atMs: contact.closed_at.getTime(), words: `cierre: ${inWords(outcomeWords, contact.outcome)}` },
          ]),
    ]
      .toSorted((one, other) => one.atMs - other.atMs)
      .map(({ atMs, words }): StoryEvent => ({ at: wall(atMs, zone), words })),
  }));
  const endsAtMs = Math.max(
    terms.startsAt.getTime(),
    ...contacts.map(({ closed_at: at }) => at?.getTime() ?? 0),
  );
  return {
    seed: terms.seed,
    policy: terms.policy,
    pack: terms.pack,
    startsAt: iso(terms.startsAt.getTime(), zone),
    endsAt: iso(endsAtMs, zone),
    contacts: contacts.length,
    calls: calls.length,
    outcomes: countBy(contacts.map(({ outcome }) => outcome ?? 'still_open')),
    charged: sumBy(calls, (call) => [call.charged_unit, call.charged_micros]),
    providerUsd: wholeUnits(calls.reduce((sum, call) => sum + (call.provider_cost_micros ?? 0n), 0n)),
    recovered: await readRecovered(trx, batchId),
    calendar: calendarOf(calls),
    refusals: await readRefusals(trx, batchId),
    stories,
  };
}

interface CallRow {
  readonly contact_id: string;
  readonly wave_key: string;
  readonly local_day: string;
  readonly attempted_at: Date;
  readonly phone: number;
  readonly outcome: string | null;
  readonly human: boolean | null;
  readonly charged_unit: string | null;
  readonly charged_micros: bigint | null;
  readonly provider_cost_micros: bigint | null;
}

async function readCalls(trx: Trx, batchId: string): Promise<readonly CallRow[]> {
  const { rows } = await sql<CallRow>`
    select a.contact_id, a.wave_key, a.local_day, a.attempted_at, c.outcome, c.human,
           (select count(*)::int from core.phone o
             where o.person_id = p.person_id and (o.position, o.id) <= (p.position, p.id)) as phone,
           c.charged_unit, c.charged_micros, c.provider_cost_micros
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where a.batch_id = ${batchId}
     order by a.attempted_at, a.contact_id`.execute(trx);
  return rows;
}

interface Happened {
  readonly atMs: number;
  readonly words: string;
}

async function readEvents(
  trx: Trx,
  batchId: string,
  calls: readonly CallRow[],
): Promise<ReadonlyMap<string, readonly Happened[]>> {
  const events = new Map<string, Happened[]>();
  const add = (contactId: string, at: Date, words: string): void => {
    const list = events.get(contactId) ?? [];
    list.push({ atMs: at.getTime(), words });
    events.set(contactId, list);
  };
  for (const call of calls) {
    add(call.contact_id, call.attempted_at, `teléfono ${call.phone}: ${inWords(callWords, call.outcome)}`);
  }
  const refusals = await trx
    .selectFrom('operation.refusal')
    .select(['contact_id', 'at', 'rule'])
    .where('batch_id', '=', batchId)
    .execute();
  for (const refusal of refusals) add(refusal.contact_id, refusal.at, `sin llamada: ${refusal.rule}`);
  const agreed = await trx
    .selectFrom('core.agreement as g')
    .innerJoin('core.agreement_instalment as i', 'i.agreement_id', 'g.id')
    .select([
      'g.contact_id',
      'g.made_at',
      'g.total_micros',
      'g.currency',
      'g.state',
      'g.resolved_at',
      'i.due_date',
    ])
    .where('g.batch_id', '=', batchId)
    .where('i.number', '=', 1)
    .execute();
  for (const one of agreed) {
    const amount = `${one.total_micros / 1_000_000n} ${one.currency}`;
    add(one.contact_id, one.made_at, `promete ${amount} para el ${one.due_date}`);
    if (one.state === 'broken' && one.resolved_at !== null)
      add(one.contact_id, one.resolved_at, 'no pagó lo prometido');
    if (one.state === 'partly_paid' && one.resolved_at !== null)
      add(one.contact_id, one.resolved_at, 'pagó una parte de lo prometido');
  }
  const { rows: payments } = await sql<{
    contact_id: string;
    paid_at: Date;
    amount: bigint;
    currency: string;
  }>`
    select k.id as contact_id, p.paid_at, p.amount_micros / 1000000 as amount, p.currency
      from core.payment p join core.contact k on k.person_id = p.person_id
     where k.batch_id = ${batchId} and p.kind = 'payment'
       -- Money that was to come after the contact had ended is not of its story.
       and (k.closed_at is null or p.paid_at <= k.closed_at)`.execute(trx);
  for (const paid of payments) add(paid.contact_id, paid.paid_at, `paga ${paid.amount} ${paid.currency}`);
  return events;
}

async function readRecovered(trx: Trx, batchId: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ currency: string; amount: string }>`
    select p.currency, sum(p.amount_micros - p.unallocated_micros) / 1000000 as amount
      from core.payment p join core.contact k on k.person_id = p.person_id
     where k.batch_id = ${batchId} and p.kind = 'payment' and (k.closed_at is null or p.paid_at <= k.closed_at)
     group by p.currency order by p.currency`.execute(trx);
  return Object.fromEntries(rows.map(({ currency, amount }) => [currency, Math.round(Number(amount))]));
}

async function readRefusals(trx: Trx, batchId: string): Promise<readonly RefusedTurns[]> {
  const rows = await trx
    .selectFrom('operation.refusal')
    .select(['reason', 'rule', sql<bigint>`count(*)`.as('turns')])
    .where('batch_id', '=', batchId)
    .groupBy(['reason', 'rule'])
    .orderBy('reason')
    .orderBy('rule')
    .execute();
  return rows.map(({ reason, rule, turns }) => ({ reason, rule, turns: Number(turns) }));
}

/** One cell a local day and wave, in their order. */
function calendarOf(calls: readonly CallRow[]): readonly CalendarCell[] {
  const cells = new Map<string, CallRow[]>();
  for (const call of calls) {
    const key = `${call.local_day} ${waveOf(call.wave_key)}`;
    cells.set(key, [...(cells.get(key) ?? []), call]);
  }
  return [...cells]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, rows]): CalendarCell => ({
      day: key.slice(0, 10),
      wave: key.slice(11),
      calls: rows.length,
      answered: rows.filter(({ human }) => human === true).length,
      outcomes: countBy(rows.map(({ outcome }) => outcome ?? 'unknown')),
    }));
}

function waveOf(key: string): string {
  return key.startsWith('reagendada/') ? 'acordada' : (key.split('/')[1] ?? key);
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function sumBy(
  calls: readonly CallRow[],
  of: (call: CallRow) => readonly [unit: string | null, micros: bigint | null],
): Readonly<Record<string, number>> {
  const sums = new Map<string, bigint>();
  for (const call of calls) {
    const [unit, micros] = of(call);
    if (unit !== null && micros !== null) sums.set(unit, (sums.get(unit) ?? 0n) + micros);
  }
  return Object.fromEntries([...sums].map(([unit, micros]) => [unit, wholeUnits(micros)]));
}

const microsPerUnit = 1_000_000;

/** Added up in micro-units first: sums of fractions depend on their order. */
function wholeUnits(micros: bigint): number {
  return Number(micros) / microsPerUnit;
}

function inWords(words: Readonly<Record<string, string>>, key: string | null): string {
  return key === null ? 'sin resultado' : (words[key] ?? key);
}

function wall(atMs: number, zone: string): string {
  return DateTime.fromMillis(atMs, { zone }).toFormat('yyyy-MM-dd HH:mm');
}

function iso(atMs: number, zone: string): string {
  // To the minute: the clock of a rehearsal stands still between its events, and runs for the moment that one takes.
  return (
    DateTime.fromMillis(atMs, { zone })
      .startOf('minute')
      .toISO({ suppressMilliseconds: true, suppressSeconds: true }) ?? ''
  );
}
