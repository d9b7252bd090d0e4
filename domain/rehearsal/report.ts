import {
  type CallRow,
  readCalls,
  readRecovered,
  readRefusals,
  readContacts,
  readRefusedTurns,
  readAgreed,
  negotiationOfBatch,
  readLoaded,
  readLoadedDebts,
  readPaid,
} from './queries-report.ts';
import { DateTime } from 'luxon';
import type { Trx } from '../../db/client.ts';
import type { CalendarCell, RehearsalReport, RuleCheck, Story, StoryEvent } from './report/types.ts';
import { outcomeInWords } from '../contacts/rules/labels.ts';
import { chooseStage, type OpenDebt } from '../negotiation/rules/stage.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import { negotiationOf, packOf, policyOf } from '../policy/definitions.ts';
import { asChange, packHolding } from '../policy/pack-for.ts';
import type { VersionRef } from '../policy/queries-definitions.ts';
import { readHolidays } from '../policy/queries-holidays.ts';
import { reasonInWords } from '../policy/rules/rule-words.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { type Money, moneyOf } from '../shared/rules/money.ts';
import { counted, dayInWords, moneyInWords } from '../shared/rules/written.ts';
import { checkRules, type CheckedPerson } from './report/check-rules.ts';

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
  const contacts = await readContacts(trx, batchId);
  const events = await readEvents(trx, batchId, calls, await pausesOf(trx, terms));
  const debts = await debtsByContact(trx, batchId);
  const stories = contacts.map((contact): Story => ({
    row: contact.sheet_row,
    name: contact.name,
    national_id: contact.national_id,
    phones: contact.phones,
    debt: debts.get(contact.id) ?? [],
    outcome: contact.outcome ?? 'still_open',
    attempts: contact.attempts,
    events: [
      ...(events.get(contact.id) ?? []),
      ...(contact.closed_at === null
        ? []
        : [
            {
              atMs: contact.closed_at.getTime(),
              words: `cierre: ${inWords(contact.outcome)}`,
            },
          ]),
    ]
      .toSorted((one, other) => one.atMs - other.atMs)
      // By the clock of where they live, as the law reads it.
      .map(({ atMs, words }): StoryEvent => ({
        at: wall(atMs, zonesOf(contact.country, contact.zone, contact.region)[0]),
        words,
      })),
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
    checks: await checksOf(trx, terms, contacts, calls),
  };
}

/** Days after which the negotiation calls those again who agreed to nothing, by contact: the stage is that of its first day. */
async function pausesOf(
  trx: Trx,
  { batchId, startsAt, zone }: ReportTerms,
): Promise<ReadonlyMap<string, number>> {
  const negotiationId = await negotiationOfBatch(trx, batchId);
  if (negotiationId === null) return new Map();
  const negotiation = await negotiationOf(trx, negotiationId);
  const debts = new Map<string, OpenDebt[]>();
  for (const { contact_id: contactId, id, currency, micros, due_date: dueDate } of await readLoadedDebts(
    trx,
    batchId,
  )) {
    const debt = { id, currency, balanceMicros: micros, dueDate, reference: null };
    debts.set(contactId, [...(debts.get(contactId) ?? []), debt]);
  }
  const day = localDayOf(zone, startsAt.getTime());
  return new Map(
    [...debts].flatMap(([contactId, owed]): readonly [string, number][] => {
      const { then, pauseDays } = chooseStage(negotiation, owed, day).refusal;
      return then === 'call_again' ? [[contactId, pauseDays]] : [];
    }),
  );
}

async function debtsByContact(trx: Trx, batchId: string): Promise<ReadonlyMap<string, readonly Money[]>> {
  const debts = new Map<string, Money[]>();
  for (const { contact_id: id, micros, currency } of await readLoaded(trx, batchId))
    debts.set(id, [...(debts.get(id) ?? []), moneyOf(micros, currency)]);
  return debts;
}

/** With the calendar that held for each person, as the gate had it. */
async function checksOf(
  trx: Trx,
  terms: ReportTerms,
  contacts: Awaited<ReturnType<typeof readContacts>>,
  calls: readonly CallRow[],
): Promise<readonly RuleCheck[]> {
  const policy = await policyOf(trx, refOf(terms.policy));
  const pack = await packOf(trx, refOf(terms.pack));
  const changes = (await readHolidays(trx)).map(asChange);
  const ofContact = new Map<string, CallRow[]>();
  for (const call of calls) {
    const list = ofContact.get(call.contact_id) ?? [];
    list.push(call);
    ofContact.set(call.contact_id, list);
  }
  const people = contacts.map(({ id, sheet_row: row, country, zone, region }): CheckedPerson => ({
    row,
    zones: zonesOf(country, zone, region),
    pack: packHolding(pack, changes, { country, region }),
    calls: (ofContact.get(id) ?? []).map((call) => ({
      atMs: call.attempted_at.getTime(),
      endedAtMs: call.ended_at?.getTime() ?? null,
      human: call.human === true,
      requested: call.requested,
    })),
  }));
  return checkRules(policy, pack, people);
}

/** Of 'cl-collection-waves@3'. */
function refOf(name: string): VersionRef {
  const at = name.lastIndexOf('@');
  return { key: name.slice(0, at), version: Number(name.slice(at + 1)) };
}

interface Happened {
  readonly atMs: number;
  readonly words: string;
}

async function readEvents(
  trx: Trx,
  batchId: string,
  calls: readonly CallRow[],
  pauses: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, readonly Happened[]>> {
  const events = new Map<string, Happened[]>();
  const add = (contactId: string, at: Date, words: string): void => {
    const list = events.get(contactId) ?? [];
    list.push({ atMs: at.getTime(), words });
    events.set(contactId, list);
  };
  for (const call of calls) {
    const pause =
      call.outcome === 'answered' || call.outcome === 'refused' ? pauses.get(call.contact_id) : undefined;
    const then = pause === undefined ? '' : `; la negociación pide ${counted(pause, 'día')} de pausa`;
    add(call.contact_id, call.attempted_at, `teléfono ${call.phone}: ${inWords(call.outcome)}${then}`);
  }
  const refusals = await readRefusedTurns(trx, batchId);
  for (const refusal of refusals)
    add(refusal.contact_id, refusal.at, `sin llamada: ${reasonInWords(refusal.reason)}`);
  const agreed = await readAgreed(trx, batchId);
  for (const one of agreed) {
    const amount = moneyInWords(moneyOf(one.total_micros, one.currency));
    add(one.contact_id, one.made_at, `promete ${amount} para el ${dayInWords(one.due_date)}`);
    if (one.state === 'broken' && one.resolved_at !== null)
      add(one.contact_id, one.resolved_at, 'no pagó lo prometido');
    if (one.state === 'partly_paid' && one.resolved_at !== null)
      add(one.contact_id, one.resolved_at, 'pagó una parte de lo prometido');
  }
  const payments = await readPaid(trx, batchId);
  for (const paid of payments)
    add(
      paid.contact_id,
      paid.paid_at,
      `paga ${moneyInWords({ amount: String(paid.amount), unit: paid.currency })}`,
    );
  return events;
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
  if (key.startsWith('reagendada/')) return 'acordada';
  // Of a demonstration they are numbered.
  return key.split('/')[1] ?? key.replace(/^ola-/, '');
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

function inWords(outcome: string | null): string {
  return outcome === null ? 'sin resultado' : outcomeInWords(outcome);
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
