import { pino } from 'pino';
import { expect } from 'vitest';
import { createDialActivity } from '../../activities/contact/dial.ts';
import { createRecoverActivity } from '../../activities/contact/recover.ts';
import type { DialInput } from '../../activities/contact/types.ts';
import { inAccount } from '../../db/client.ts';
import { settleAndNotify } from '../../domain/calls/check-call.ts';
import type { PlaceCallAnswer, ProviderCall, VoiceProvider } from '../../domain/calls/voice-port.ts';
import type { ContactFact } from '../../domain/contacts/rules/facts.ts';
import { sweepOnce } from '../../relay/call-sweeper.ts';
import { projection, placed, voiceThat, withLines } from './dials.ts';
import { withPool } from './line-queue.ts';
import type { World } from './world.ts';

/** A dial whose answer is lost, step by step and without workflows: what its contact reads, and what it is sent. */

export interface Line {
  readonly world: World;
  readonly input: DialInput;
}

/** Somebody with a line in their hand, on a pool of their own. */
export async function withLine(shared: World, accountId = shared.accountId): Promise<Line> {
  const world = { ...(await withPool(shared)), accountId };
  const [input] = await withLines(world, 1);
  if (input === undefined) throw new Error('no line');
  return { world, input };
}

export const rejected = {
  kind: 'rejected',
  reason: 'rate_limited',
  httpStatus: 429,
  message: 'slow down',
} as const;

export const unknown = (): Promise<PlaceCallAnswer> =>
  Promise.resolve({ kind: 'unknown', detail: 'timeout' });

/** The contact's activity. Returns its fact. */
export async function dial(
  world: World,
  input: DialInput,
  answer = placed,
): Promise<ContactFact | undefined> {
  const activity = createDialActivity({ app: world.app, system: world.system, voice: voiceThat(answer) });
  return (await activity.dial(input)).deliveries[0]?.fact;
}

const waiting = { ...projection, waitingFor: 'se busca' };

/** What the contact learns at once of the dial that it lost. */
export async function recover(world: World, input: DialInput): Promise<ContactFact | undefined> {
  const { recoverDial } = createRecoverActivity({
    app: world.app,
    system: world.system,
    voice: voiceThat(unknown),
  });
  const answer = await recoverDial({ ...input, projection: waiting });
  return answer.deliveries[0]?.fact;
}

/** Every signal about this contact's calls, in order. */
export async function signalsOf(world: World, { contactId }: DialInput): Promise<readonly (string | null)[]> {
  const rows = await world.owner
    .selectFrom('operation.outbox')
    .select(['signal', 'payload'])
    .where('contact_id', '=', contactId)
    .where('signal', 'like', 'call%')
    .orderBy('seq')
    .execute();
  return rows.map(({ signal, payload }) =>
    payload['dialled'] === undefined ? signal : `${signal} ${JSON.stringify(payload['dialled'])}`,
  );
}

/** What is on record of a dial: call, refusals, line, money, and the contact's own row. */
export async function recordOf(world: World, { attemptId, requestId, contactId }: DialInput) {
  const [call] = await world.owner
    .selectFrom('operation.call')
    .select(['state', 'check_at'])
    .where('attempt_id', '=', attemptId)
    .execute();
  const events = await world.owner
    .selectFrom('operation.attempt_event')
    .select('kind')
    .where('attempt_id', '=', attemptId)
    .orderBy('id')
    .execute();
  const refusals = await world.owner
    .selectFrom('operation.refusal')
    .select('reason')
    .where('request_id', '=', requestId)
    .execute();
  const lease = await world.owner
    .selectFrom('core.line_lease as l')
    .innerJoin('core.ledger_hold as h', 'h.id', 'l.hold_id')
    .select(['l.released_at', 'l.release_reason', 'h.state as hold'])
    .where('l.id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const contact = await world.owner
    .selectFrom('core.contact')
    .select('waiting_for')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();
  return {
    state: call?.state ?? null,
    isAsked: (call?.check_at ?? null) !== null,
    events: events.map(({ kind }) => kind),
    refusals: refusals.map(({ reason }) => reason).toSorted(),
    line: lease.released_at === null ? 'held' : lease.release_reason,
    hold: lease.hold,
    says: contact.waiting_for,
  };
}

/** What the provider has of this attempt. */
export function callOf({ attemptId, accountId }: DialInput, rest: Partial<ProviderCall> = {}): ProviderCall {
  return {
    providerCallId: `call_${attemptId}`,
    status: 'ongoing',
    attemptId,
    accountId,
    analysed: false,
    captured: {},
    costByProduct: [],
    ...rest,
  };
}

export const noAnswer: Partial<ProviderCall> = {
  status: 'not_connected',
  disconnectionReason: 'dial_no_answer',
  durationMs: 0,
  analysed: true,
};

/** The provider's status of this call arrives. */
export async function settle(
  world: World,
  { accountId, attemptId }: DialInput,
  call: ProviderCall,
): Promise<void> {
  await inAccount(world.app, accountId, (trx) => settleAndNotify(trx, { accountId, attemptId }, call));
}

export interface Asking {
  readonly find?: VoiceProvider['findCallByAttempt'];
}

/** The sweeper's question, now. */
export async function sweep(world: World, { attemptId }: DialInput, { find }: Asking = {}): Promise<void> {
  await world.owner
    .updateTable('operation.call')
    .set({ check_at: null })
    .where('attempt_id', '<>', attemptId)
    .execute();
  await world.owner
    .updateTable('operation.call')
    .set({ check_at: new Date(0) })
    .where('attempt_id', '=', attemptId)
    .execute();
  const voice = voiceThat(unknown);
  const { app, system } = world;
  const asking = find === undefined ? voice : { ...voice, findCallByAttempt: find };
  expect(await sweepOnce({ app, system, voice: asking, logger: pino({ level: 'silent' }) })).toBe(1);
}

/** No POST can be under way any more, and the provider does not have it. */
export async function proveAbsent(world: World, input: DialInput): Promise<void> {
  await world.owner
    .updateTable('operation.attempt')
    .set({ absent_after_at: new Date(0) })
    .where('id', '=', input.attemptId)
    .execute();
  await sweep(world, input);
}
