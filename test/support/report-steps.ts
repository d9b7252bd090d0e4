import { randomUUID } from 'node:crypto';
import { inAccount, type Trx } from '../../db/client.ts';
import { markPlaced, markRejected, markUnknown } from '../../domain/calls/queries.ts';
import { writeAttempt } from '../../domain/calls/queries-dial.ts';
import { insertFunctionCall } from '../../domain/calls/queries-functions.ts';
import { settleCall } from '../../domain/calls/settle-call.ts';
import type { ProviderCall } from '../../domain/calls/voice-port.ts';
import { writeRefusal } from '../../domain/contacts/queries.ts';
import { dispatchRound } from '../../domain/lines/queries-dispatch.ts';
import { insertRequest } from '../../domain/lines/queries-lines.ts';
import { lockPersonAndNumber } from '../../domain/people/queries.ts';
import { localDayOf } from '../../domain/policy/rules/calendar.ts';
import { createBatch, inventedPhone, type World } from './world.ts';

/** Zones whose hours do not begin together, and one that has had both offsets within the days of a test. */
export const zones = ['America/Santiago', 'Asia/Kathmandu', 'America/New_York'] as const;

export interface Callee {
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  readonly phones: readonly string[];
  readonly zone: string;
}

export interface MadeAttempt extends Callee {
  readonly attemptId: string;
  readonly providerCallId: string;
}

/** Two batches of some people, who live in different zones and have two phones each. */
export async function createCallees(
  world: World,
  accountId: string,
  many: number,
): Promise<readonly Callee[]> {
  const callees: Callee[] = [];
  for (const useCase of ['debt_collection', 'notification']) {
    const people = Array.from({ length: many }, (_, index) => ({
      zone: zones[index % zones.length] ?? null,
      phones: [inventedPhone(), inventedPhone()],
    }));
    const { batchId, contacts } = await createBatch(world, {
      accountId,
      mode: 'live',
      policy: 'demo',
      pack: 'demo',
      useCase,
      people,
    });
    callees.push(
      ...contacts.map((one, index) => ({ ...one, batchId, zone: people[index]?.zone ?? zones[0] })),
    );
  }
  return callees;
}

/** A line for a callee, as the dispatcher gives it. Returns its lease: the attempt's id. */
export async function takeLine(
  world: World,
  accountId: string,
  callee: Callee,
  number: number,
): Promise<string> {
  const { batchId, contactId } = callee;
  const id = `${contactId}:1:${number}`;
  const request = {
    id,
    accountId,
    batchId,
    contactId,
    poolId: world.poolId,
    waveKey: waves[number % waves.length] ?? '',
  };
  const times = {
    priority: 1,
    eligibleAtMs: Date.now() - 1_000,
    deadlineAtMs: Date.now() + 600_000,
  } as const;
  await inAccount(world.app, accountId, (trx) => insertRequest(trx, { ...request, ...times }));
  const { granted } = await world.system.transaction().execute((trx) =>
    dispatchRound(trx, {
      poolId: world.poolId,
      at: new Date(),
      grantMs: 600_000,
      onlyRequestId: null,
      worstCaseSeconds: () => Promise.resolve(60),
    }),
  );
  const lease = granted.find(({ requestId }) => requestId === id)?.leaseId;
  if (lease === undefined) throw new Error('no line was granted');
  return lease;
}

export const waves = [
  '2027-03-08/09:00',
  '2027-03-08/12:00',
  'ola-1',
  'reagendada/2027-03-08T10:30',
] as const;

/** The gate's own statement, at an instant of the test. */
export async function attempt(
  trx: Trx,
  {
    world,
    accountId,
    callee,
    lease,
    number,
    at,
    phone,
  }: {
    readonly world: World;
    readonly accountId: string;
    readonly callee: Callee;
    readonly lease: string;
    readonly number: number;
    readonly at: Date;
    readonly phone: number;
  },
): Promise<void> {
  const { batchId, contactId, personId, zone } = callee;
  const phoneId = callee.phones[phone] ?? '';
  await lockPersonAndNumber(trx, { contactId, phoneId });
  await writeAttempt(trx, {
    id: lease,
    accountId,
    batchId,
    contactId,
    personId,
    phoneId,
    poolId: world.poolId,
    requestId: `${contactId}:1:${number}`,
    waveKey: waves[number % waves.length] ?? '',
    number,
    rescheduled: false,
    waived: [],
    zone,
    localDay: localDayOf(zone, at.getTime()),
    attemptedAt: at,
    dialDeadlineAt: new Date(at.getTime() + 5_000),
    absentAfterAt: new Date(at.getTime() + 600_000),
    leaseUntil: new Date(Date.now() + 3_600_000),
    checkAfterMs: null,
    run: 1,
    projection: { state: 'calling', waitingFor: 'Marca', attempts: number, nextAtMs: null },
  });
}

/** What may be learned of a call, in any order and any number of times. */
export type Word =
  'placed' | 'unknown' | 'rejected' | 'no_answer' | 'voicemail' | 'talked' | 'analysed' | 'late' | 'identity';
export const words: readonly Word[] = [
  'placed',
  'unknown',
  'rejected',
  'no_answer',
  'voicemail',
  'talked',
  'analysed',
  'late',
  'identity',
];

export async function learn(trx: Trx, accountId: string, one: MadeAttempt, word: Word): Promise<void> {
  const { attemptId, providerCallId } = one;
  const placed = { accountId, attemptId, providerCallId, checkAfterMs: 60_000, kind: 'placed' } as const;
  if (word === 'placed') await markPlaced(trx, placed);
  else if (word === 'unknown')
    await markUnknown(trx, { accountId, attemptId, detail: 'test', checkAfterMs: 60_000 });
  else if (word === 'rejected') await markRejected(trx, accountId, attemptId, { reason: 'test' });
  else if (word === 'identity') await confirm(trx, accountId, one);
  else await settleCall(trx, { accountId, attemptId, call: providerCall(one, word), nowMs: Date.now() });
}

function providerCall({ providerCallId }: MadeAttempt, word: Word): ProviderCall {
  const endedAtMs = Date.now();
  const plain = { providerCallId, status: 'ended', captured: {}, costByProduct: [], endedAtMs } as const;
  if (word === 'no_answer')
    return {
      ...plain,
      status: 'not_connected',
      disconnectionReason: 'dial_no_answer',
      durationMs: 0,
      analysed: false,
    };
  if (word === 'voicemail')
    return {
      ...plain,
      disconnectionReason: 'voicemail_reached',
      durationMs: 4_000,
      analysed: false,
      costMicros: 2_000,
    };
  const talked = {
    ...plain,
    disconnectionReason: 'user_hangup',
    durationMs: 61_000,
    billableSeconds: 61,
    costMicros: 166_800,
  };
  if (word === 'talked') return { ...talked, analysed: false };
  // Later figures are higher: a transfer's leg.
  const more = word === 'late' ? { billableSeconds: 90, costMicros: 200_000 } : {};
  return { ...talked, ...more, analysed: true, sentiment: 'positive', successful: true, inVoicemail: false };
}

async function confirm(
  trx: Trx,
  accountId: string,
  { attemptId, providerCallId }: MadeAttempt,
): Promise<void> {
  await insertFunctionCall(trx, {
    accountId,
    attemptId,
    providerCallId,
    name: 'confirm_identity',
    argsHash: randomUUID(),
    args: {},
    answer: { code: 'confirmed' },
    refused: null,
  });
}

/** A turn that the gate refused. */
export async function refuseTurn(trx: Trx, accountId: string, callee: Callee, at: Date): Promise<void> {
  const { batchId, contactId } = callee;
  await writeRefusal(trx, {
    accountId,
    batchId,
    contactId,
    requestId: randomUUID(),
    waveKey: 'ola-1',
    reason: 'cool_down',
    rule: 'no calls for 3 days',
    at,
  });
}
