import { atOneInstant, type Database, databaseNow, type Trx } from '../../db/client.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import { peopleToCome } from '../batches/queries-imports.ts';
import { unreachedOutcomes, withdrawnOutcomes } from '../contacts/rules/outcomes.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { refuse } from '../shared/refused.ts';
import { type Money, moneyOf } from '../shared/rules/money.ts';
import { type CallRow, sumCalls, sumNths } from '../summaries/queries-summed.ts';
import * as db from './queries-activity.ts';
import { averageMicros } from './rules/average.ts';
import { daysFrom, type WantedDays } from './days.ts';

/** Contacts and calls of a batch, or of a row of such as share something. */
export interface ActivityNumbers {
  readonly contacts: number;
  readonly closed: number;
  /** Closed, and reached: neither given up without an answer nor ended by us. */
  readonly withResult: number;
  readonly calls: number;
  readonly answered: number;
}

export interface ActivityOfBatch extends ActivityNumbers {
  readonly batchId: string;
  readonly name: string;
  readonly useCase: string;
}

/** What was called, what came of it and what it cost, all of one instant. Calls are read by their sums. */
export interface Activity {
  readonly asOf: Date;
  readonly zone: string;
  readonly batch: { readonly id: string; readonly name: string } | null;
  readonly days: { readonly from: string; readonly to: string } | null;
  readonly totals: ActivityNumbers;
  readonly states: readonly {
    readonly state: ContactState;
    readonly outcome: string | null;
    readonly contacts: number;
  }[];
  readonly byDay: readonly { readonly day: string; readonly calls: number; readonly answered: number }[];
  readonly byHour: readonly { readonly hour: number; readonly calls: number; readonly answered: number }[];
  /** Those with the most calls first. */
  readonly batches: readonly ActivityOfBatch[];
  readonly batchesLeftOut: number;
  readonly useCases: readonly (ActivityNumbers & { readonly useCase: string })[];
  readonly cost: {
    /** What the account was charged, by unit; and on average for each call that was. */
    readonly charged: readonly { readonly total: Money; readonly calls: number; readonly perCall: Money }[];
    readonly provider: { readonly total: Money; readonly calls: number; readonly perCall: Money };
    readonly billableSeconds: number;
  };
  readonly phones: readonly { readonly isMain: boolean; readonly calls: number; readonly answered: number }[];
  readonly attempts: readonly { readonly attempts: number; readonly contacts: number }[];
}

export interface WantedActivity extends WantedDays {
  readonly batchId?: string | undefined;
}

/** More fit no page and no screen; the others are counted, and said to be left out. */
const mostBatches = 500;

/**
 * The activity of a batch, of some days, or of a batch on some days; of the last thirty days when neither is named. Throws
 * `OperationRefused` for a batch that is not there and for days that no report can have.
 */
export async function readActivity(
  app: Database,
  accountId: string,
  { batchId, ...wanted }: WantedActivity,
): Promise<Activity> {
  return atOneInstant(app, accountId, async (trx) => {
    const asOf = await databaseNow(trx);
    const { zone } = await ownAccount(trx);
    const days = daysFrom(wanted, batchId === undefined, localDayOf(zone, asOf.getTime()));
    const [batch] = batchId === undefined ? [] : await db.nameBatches(trx, [batchId]);
    if (batchId !== undefined && batch === undefined) throw refuse('batch_not_found');
    const scope = { batchId: batchId ?? null, days };
    const states = await statesOf(trx, scope);
    const sums = await sumCalls(trx, { ...scope, useCase: null, zone: null, exact: false }, [
      ['batch'],
      ['day'],
      ['hour'],
      ['unit'],
      ['main_phone'],
    ]);
    const [byBatch = [], byDay = [], byHour = [], byUnit = [], byPhone = []] = sums;
    const batches = await batchesOf(trx, byBatch, states);
    const seconds = batches.reduce((sum, one) => sum + one.seconds, 0n);
    return {
      asOf,
      zone,
      batch: batch === undefined ? null : { id: batch.id, name: batch.name },
      days,
      totals: sumOf(batches),
      states: mergeStates(states),
      byDay: placed(byDay, (by) => ({ day: by['day'] ?? '' })),
      byHour: placed(byHour, (by) => ({ hour: Number(by['hour']) })),
      batches: batches.slice(0, mostBatches),
      batchesLeftOut: Math.max(0, batches.length - mostBatches),
      useCases: byUseCase(batches),
      cost: { ...costOf(byUnit), billableSeconds: Number(seconds) },
      phones: placed(byPhone, (by) => ({ isMain: by['main_phone'] === 'true' })).toSorted(
        (one, other) => Number(other.isMain) - Number(one.isMain),
      ),
      attempts: await attemptsOf(trx, scope, states),
    };
  });
}

/** Calls that share something, where there is any. */
function placed<K>(rows: readonly CallRow[], keyOf: (by: CallRow['by']) => K) {
  return rows
    .filter(({ calls }) => calls > 0n)
    .map(({ by, calls, answered }) => ({ ...keyOf(by), calls: Number(calls), answered: Number(answered) }));
}

/** People of the batch's imports who are still to come are planned: a report without them would say that all is done. */
async function statesOf(trx: Trx, scope: db.ActivityScope): Promise<readonly db.ContactsOfState[]> {
  const states = await db.countContacts(trx, scope);
  return [...states, ...(await toComeOf(trx, scope))];
}

async function toComeOf(
  trx: Trx,
  { batchId, days }: db.ActivityScope,
): Promise<readonly db.ContactsOfState[]> {
  if (batchId === null || days !== null) return [];
  const [toCome] = await peopleToCome(trx, [batchId]);
  if (toCome === undefined || toCome.people === 0) return [];
  return [{ batch_id: batchId, state: 'planned', outcome: null, contacts: toCome.people }];
}

/** Of a batch by sums: how many people had at least so many calls. Of days from the rows: who was called on them, and how often. */
async function attemptsOf(
  trx: Trx,
  scope: db.ActivityScope,
  states: readonly db.ContactsOfState[],
): Promise<Activity['attempts']> {
  if (scope.days !== null) return db.countAttempts(trx, scope);
  const reached = await sumNths(trx, { ...scope, useCase: null, zone: null, exact: false });
  const all = states.reduce((sum, { contacts }) => sum + contacts, 0);
  const atLeast = (nth: number): number =>
    nth === 0 ? all : Number(reached.find((one) => one.nth === nth)?.contacts ?? 0n);
  return [0, ...reached.map(({ nth }) => nth)].flatMap((attempts) => {
    const contacts = atLeast(attempts) - atLeast(attempts + 1);
    return contacts === 0 ? [] : [{ attempts, contacts }];
  });
}

async function batchesOf(
  trx: Trx,
  byBatch: readonly CallRow[],
  states: readonly db.ContactsOfState[],
): Promise<readonly (ActivityOfBatch & { readonly seconds: bigint })[]> {
  const called = byBatch.filter(({ calls }) => calls > 0n);
  const ofCalls = new Map(called.map((row) => [row.by['batch'] ?? '', row]));
  const contacts = Map.groupBy(states, ({ batch_id: id }) => id);
  const names = await db.nameBatches(trx, [...new Set([...ofCalls.keys(), ...contacts.keys()])]);
  return names
    .map(({ id, name, use_case: useCase }) => {
      const own = contacts.get(id) ?? [];
      const row = ofCalls.get(id);
      const calls = { calls: Number(row?.calls ?? 0n), answered: Number(row?.answered ?? 0n) };
      return { batchId: id, name, useCase, ...closings(own), ...calls, seconds: row?.billable_seconds ?? 0n };
    })
    .toSorted((one, other) => other.calls - one.calls || (one.batchId < other.batchId ? -1 : 1));
}

function closings(states: readonly db.ContactsOfState[]) {
  const count = (some: readonly db.ContactsOfState[]): number =>
    some.reduce((sum, { contacts }) => sum + contacts, 0);
  const closed = states.filter(({ state }) => state === 'closed');
  return { contacts: count(states), closed: count(closed), withResult: count(closed.filter(isResult)) };
}

function isResult({ outcome }: { readonly outcome: string | null }): boolean {
  const none: readonly string[] = [...unreachedOutcomes, ...withdrawnOutcomes];
  return outcome !== null && !none.includes(outcome);
}

function mergeStates(states: readonly db.ContactsOfState[]): Activity['states'] {
  const merged = Map.groupBy(states, ({ state, outcome }) => JSON.stringify([state, outcome]));
  return [...merged.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const contacts = some.reduce((sum, one) => sum + one.contacts, 0);
    return [{ state: first.state, outcome: first.outcome, contacts }];
  });
}

function sumOf(batches: readonly ActivityNumbers[]): ActivityNumbers {
  const sum = (of: (one: ActivityNumbers) => number): number =>
    batches.reduce((all, one) => all + of(one), 0);
  return {
    contacts: sum(({ contacts }) => contacts),
    closed: sum(({ closed }) => closed),
    withResult: sum(({ withResult }) => withResult),
    calls: sum(({ calls }) => calls),
    answered: sum(({ answered }) => answered),
  };
}

function byUseCase(batches: readonly ActivityOfBatch[]): Activity['useCases'] {
  const grouped = Map.groupBy(batches, ({ useCase }) => useCase);
  return [...grouped].map(([useCase, some]) => ({ useCase, ...sumOf(some) }));
}

function costOf(byUnit: readonly CallRow[]): Omit<Activity['cost'], 'billableSeconds'> {
  const providerCalls = byUnit.reduce((sum, row) => sum + Number(row.provider_calls), 0);
  const providerMicros = byUnit.reduce((sum, row) => sum + row.provider_micros, 0n);
  return {
    charged: byUnit.flatMap((row) => {
      const unit = row.by['unit'];
      if (unit === null || unit === undefined || row.charged_calls === 0n) return [];
      return [costPerCall(row.charged_micros, Number(row.charged_calls), unit)];
    }),
    provider: costPerCall(providerMicros, providerCalls, 'USD'),
  };
}

function costPerCall(micros: bigint, calls: number, unit: string) {
  return { total: moneyOf(micros, unit), calls, perCall: moneyOf(averageMicros(micros, calls), unit) };
}
