import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnswer } from '../../../activities/contact/dial-answer.ts';
import { createDialActivity } from '../../../activities/contact/dial.ts';
import { createRecoverActivity } from '../../../activities/contact/recover.ts';
import type { DialInput } from '../../../activities/contact/types.ts';
import { databaseNow, inAccount } from '../../../db/client.ts';
import { settleAndNotify } from '../../../domain/calls/check-call.ts';
import { clearDial } from '../../../domain/calls/clear-dial.ts';
import type { PlaceCallAnswer, ProviderCall, VoiceProvider } from '../../../domain/calls/voice-port.ts';
import type { ContactFact } from '../../../domain/contacts/rules/facts.ts';
import { callTiming } from '../../../domain/lines/rules/timing.ts';
import { sweepOnce } from '../../../relay/call-sweeper.ts';
import { note, placed, voiceThat, withLines } from '../../support/dials.ts';
import { roundAt, withPool } from '../../support/line-queue.ts';
import { until } from '../../support/live-world.ts';
import { createWorld, newAccount, usd, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

async function withLine(
  accountId = shared.accountId,
): Promise<{ readonly world: World; readonly input: DialInput }> {
  const world = { ...(await withPool(shared)), accountId };
  const [input] = await withLines(world, 1);
  if (input === undefined) throw new Error('no line');
  return { world, input };
}

const rejected = {
  kind: 'rejected',
  reason: 'rate_limited',
  httpStatus: 429,
  message: 'slow down',
} as const;

const unknown = (): Promise<PlaceCallAnswer> => Promise.resolve({ kind: 'unknown', detail: 'timeout' });

async function dial(world: World, input: DialInput, answer = placed): Promise<ContactFact | undefined> {
  const activity = createDialActivity({ app: world.app, system: world.system, voice: voiceThat(answer) });
  return (await activity.dial(input)).deliveries[0]?.fact;
}

const waiting = { ...note, waitingFor: 'se busca' };

async function recover(world: World, input: DialInput): Promise<ContactFact | undefined> {
  const { recoverDial } = createRecoverActivity({
    app: world.app,
    system: world.system,
    voice: voiceThat(unknown),
  });
  const answer = await recoverDial({ ...input, note: waiting });
  return answer.deliveries[0]?.fact;
}

/** Every signal about this contact's calls, in order. */
async function told(world: World, { contactId }: DialInput): Promise<readonly (string | null)[]> {
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

async function truth(world: World, { attemptId, requestId, contactId }: DialInput) {
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

describe('a dial that died before its attempt was recorded', () => {
  it('gives its line back with a refusal, and a gate that still comes finds no line and dials nobody', async () => {
    const { world, input } = await withLine();
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    const voice = voiceThat(placed);
    const late = createDialActivity({ app: world.app, system: world.system, voice });
    const [answer] = (await late.dial(input)).deliveries;
    expect(answer?.fact).toMatchObject({ type: 'DialRefused', reason: 'line_lost' });
    expect(voice.dialled).toEqual([]);
    expect(await truth(world, input)).toMatchObject({
      state: null,
      refusals: ['line_lost', 'worker_died'],
      line: 'dial never began',
      hold: 'voided',
    });
  });

  it('whose line the dispatcher took back first has its refusal all the same', async () => {
    const { world, input } = await withLine();
    const { expired } = await roundAt(world, new Date(Date.now() + 60_000));
    expect(expired).toBe(1);
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect(await truth(world, input)).toMatchObject({ refusals: ['worker_died'], line: 'not_dialled' });
  });

  it('is decided by the lease’s lock while its gate commits: the attempt stands, and is asked about', async () => {
    const { world, input } = await withLine();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const gate = inAccount(world.app, input.accountId, async (trx) => {
      const cleared = await clearDial(trx, input, callTiming);
      await opened;
      return cleared;
    });
    const recovered = until('the gate', () => holdsLease(world, input)).then(() => recover(world, input));
    await until('somebody who waits for the lease', () => isBlocked(world));
    open();
    expect(await gate).toMatchObject({ kind: 'cleared' });
    expect(await recovered).toBeUndefined();
    expect(await truth(world, input)).toMatchObject({
      state: 'unknown',
      isAsked: true,
      events: ['unknown'],
      refusals: [],
      line: 'held',
    });
  });

  it('and was refused by its gate is no second refusal', async () => {
    const { world, input } = await withLine();
    await world.owner
      .updateTable('core.batch')
      .set({ state: 'paused' })
      .where('id', '=', input.batchId)
      .execute();
    expect(await dial(world, input)).toMatchObject({ type: 'DialRefused', reason: 'batch_paused' });
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect((await truth(world, input)).refusals).toEqual(['batch_paused']);
  });
});

/** True while a transaction of somebody else's holds the lease. */
async function holdsLease(world: World, { attemptId }: DialInput): Promise<boolean> {
  const { rows } = await sql`
    select from core.line_lease where id = ${attemptId} for no key update skip locked`.execute(world.owner);
  return rows.length === 0;
}

async function isBlocked(world: World): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`.execute(world.owner);
  return rows.length > 0;
}

/** What the provider has of this attempt. */
function callOf({ attemptId, accountId }: DialInput, rest: Partial<ProviderCall> = {}): ProviderCall {
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

const noAnswer: Partial<ProviderCall> = {
  status: 'not_connected',
  disconnectionReason: 'dial_no_answer',
  durationMs: 0,
  analysed: true,
};

describe('what a dial left on record before its answer was lost', () => {
  it('placed: the contact knows at once that there is a call', async () => {
    const { world, input } = await withLine();
    await dial(world, input);
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
  });

  it('brought by a webhook before anybody took it for lost: the contact reads it, and needs no signal', async () => {
    const { world, input } = await withLine();
    await inAccount(world.app, input.accountId, (trx) => clearDial(trx, input, callTiming));
    await settle(world, input, callOf(input));
    expect(await told(world, input)).toEqual([]);
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
  });

  it('ended: the contact has its end', async () => {
    const { world, input } = await withLine();
    await dial(world, input, () =>
      Promise.resolve({ kind: 'placed', providerCallId: callOf(input).providerCallId }),
    );
    await settle(world, input, callOf(input, noAnswer));
    expect(await recover(world, input)).toMatchObject({ type: 'CallEnded', outcome: 'no_answer' });
  });

  it('rejected: no attempt, and proven absent: an attempt', async () => {
    const [one, other] = [await withLine(), await withLine()];
    await dial(one.world, one.input, () => Promise.resolve(rejected));
    expect(await recover(one.world, one.input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    await dial(other.world, other.input, unknown);
    await proveAbsent(other.world, other.input);
    expect(await recover(other.world, other.input)).toMatchObject({ type: 'CallAbsent', dialled: true });
  });

  it('nothing but the attempt: it may ring, the row says so, and the sweeper asks soon', async () => {
    const { world, input } = await withLine();
    await inAccount(world.app, input.accountId, (trx) => clearDial(trx, input, callTiming));
    expect(await recover(world, input)).toBeUndefined();
    expect(await recover(world, input)).toBeUndefined();
    expect(await truth(world, input)).toMatchObject({
      state: 'unknown',
      isAsked: true,
      events: ['unknown'],
      line: 'held',
      says: 'se busca',
    });
  });

  it('in a rehearsal: nobody can be asked, so it ends as a technical failure, whether or not it was placed', async () => {
    for (const isPlaced of [false, true]) {
      const { world, input } = await withRehearsedLine();
      await inAccount(world.app, input.accountId, (trx) => clearDial(trx, input, callTiming));
      if (isPlaced) await settle(world, input, callOf(input));
      const end = { type: 'CallEnded', outcome: 'technical', human: false };
      expect(await recover(world, input)).toMatchObject(end);
      expect(await recover(world, input)).toMatchObject(end);
      expect(await truth(world, input)).toMatchObject({ state: 'ended', isAsked: false, line: 'call_ended' });
      expect(await told(world, input)).toEqual([]);
    }
  });

  it('brought by a webhook, and its POST is answered by a no: the record is read, and nothing is undone', async () => {
    const { world, input } = await withLine();
    const answer = await dial(world, input, async () => {
      await settle(world, input, callOf(input));
      return rejected;
    });
    expect(answer).toMatchObject({ type: 'DialOutcomeUnknown' });
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
    expect(await truth(world, input)).toMatchObject({ state: 'placed', line: 'held', hold: 'pending' });
  });
});

/** A line in a rehearsal's account: no provider has its calls. */
async function withRehearsedLine(): Promise<{ readonly world: World; readonly input: DialInput }> {
  const { world, input } = await withLine(await newAccount(shared.app, shared.poolId, 100n * usd));
  await world.owner
    .updateTable('catalogue.account')
    .set({ kind: 'rehearsal' })
    .where('id', '=', input.accountId)
    .execute();
  return { world, input: { ...input, mode: 'rehearsal' } };
}

async function settle(world: World, { accountId, attemptId }: DialInput, call: ProviderCall): Promise<void> {
  await inAccount(world.app, accountId, (trx) => settleAndNotify(trx, { accountId, attemptId }, call));
}

interface Asking {
  readonly find?: VoiceProvider['findCallByAttempt'];
}

/** The sweeper's question, now. */
async function sweep(world: World, { attemptId }: DialInput, { find }: Asking = {}): Promise<void> {
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

async function proveAbsent(world: World, input: DialInput): Promise<void> {
  await world.owner
    .updateTable('operation.attempt')
    .set({ absent_after_at: new Date(0) })
    .where('id', '=', input.attemptId)
    .execute();
  await sweep(world, input);
}

describe('an answer that comes after its contact gave it up', () => {
  async function givenUp(): Promise<{ readonly world: World; readonly input: DialInput }> {
    const line = await withLine();
    await inAccount(line.world.app, line.input.accountId, (trx) => clearDial(trx, line.input, callTiming));
    expect(await recover(line.world, line.input)).toBeUndefined();
    return line;
  }
  const answerLate = (world: World, input: DialInput, answer: PlaceCallAnswer): Promise<unknown> =>
    inAccount(world.app, input.accountId, (trx) => writeAnswer(trx, input, answer, callTiming));

  it('placed: found, by the outbox', async () => {
    const { world, input } = await givenUp();
    await answerLate(world, input, { kind: 'placed', providerCallId: 'call_late' });
    expect(await told(world, input)).toEqual(['callFound']);
    expect(await truth(world, input)).toMatchObject({ state: 'placed', events: ['unknown', 'placed'] });
  });

  it('rejected: absent and no attempt, by the outbox; line and hold are back', async () => {
    const { world, input } = await givenUp();
    await answerLate(world, input, rejected);
    expect(await told(world, input)).toEqual(['callAbsent false']);
    expect(await truth(world, input)).toMatchObject({
      state: 'rejected',
      isAsked: false,
      line: 'rejected: rate_limited',
      hold: 'voided',
    });
  });

  it('that came in time is told by nobody else', async () => {
    const { world, input } = await withLine();
    await dial(world, input);
    expect(await told(world, input)).toEqual([]);
  });
});

describe('the sweeper, about a dial whose answer was lost', () => {
  it('finds it: the contact is told once, and once more of its end', async () => {
    const { world, input } = await withLine();
    await dial(world, input, unknown);
    const find = (): Promise<ProviderCall> => Promise.resolve(callOf(input));
    await sweep(world, input, { find });
    expect(await told(world, input)).toEqual(['callFound']);
    await settle(world, input, callOf(input));
    await settle(world, input, callOf(input, noAnswer));
    await settle(world, input, callOf(input, noAnswer));
    expect(await told(world, input)).toEqual(['callFound', 'callEnded']);
  });

  it('finds its end: one word is enough', async () => {
    const { world, input } = await withLine();
    await dial(world, input, unknown);
    await sweep(world, input, { find: () => Promise.resolve(callOf(input, noAnswer)) });
    expect(await told(world, input)).toEqual(['callEnded']);
  });

  it('proves that there is none: the contact is told with the line’s return, and once', async () => {
    const { world, input } = await withLine();
    await dial(world, input, unknown);
    await proveAbsent(world, input);
    expect(await told(world, input)).toEqual(['callAbsent true']);
    expect(await truth(world, input)).toMatchObject({
      state: 'absent',
      isAsked: false,
      line: 'never placed',
      hold: 'expired',
    });
    await sweep(world, input);
    expect(await told(world, input)).toEqual(['callAbsent true']);
  });

  it('asked while a webhook brought the call: its "not there" proves nothing', async () => {
    const { world, input } = await withLine();
    await dial(world, input, unknown);
    await world.owner
      .updateTable('operation.attempt')
      .set({ absent_after_at: new Date(0) })
      .where('id', '=', input.attemptId)
      .execute();
    await sweep(world, input, {
      find: async () => {
        await settle(world, input, callOf(input));
        return undefined;
      },
    });
    expect(await told(world, input)).toEqual(['callFound']);
    expect(await truth(world, input)).toMatchObject({ state: 'placed', isAsked: true, line: 'held' });
  });

  it('asks again with pauses that double to a minute, and in the instant from which "not there" is a proof', async () => {
    const { world, input } = await withLine();
    await dial(world, input, unknown);
    for (const [lostForMs, pauseMs] of [
      [5_000, 10_000],
      [15_000, 20_000],
      [35_000, 40_000],
      [75_000, 60_000],
      [300_000, 60_000],
    ] as const) {
      const { leastMs, mostMs } = await pauseAfter(world, input, lostForMs);
      expect(leastMs).toBeLessThanOrEqual(pauseMs);
      expect(mostMs).toBeGreaterThanOrEqual(pauseMs);
    }
    await world.owner
      .updateTable('operation.attempt')
      .set({ absent_after_at: sql<Date>`clock_timestamp() + interval '25 seconds'` })
      .where('id', '=', input.attemptId)
      .execute();
    expect((await pauseAfter(world, input, 75_000)).leastMs).toBeLessThanOrEqual(25_000);
  });
});

interface Pause {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What was planned after a question so long after the loss of the answer, but for how long the question took. */
async function pauseAfter(world: World, input: DialInput, lostForMs: number): Promise<Pause> {
  const { at: lostAt } = await world.owner
    .updateTable('operation.attempt_event')
    .set({ at: sql<Date>`clock_timestamp() - ${lostForMs} * interval '1 millisecond'` })
    .where('attempt_id', '=', input.attemptId)
    .returning('at')
    .executeTakeFirstOrThrow();
  await sweep(world, input);
  const after = await databaseNow(world.owner);
  const { check_at } = await world.owner
    .selectFrom('operation.call')
    .select('check_at')
    .where('attempt_id', '=', input.attemptId)
    .executeTakeFirstOrThrow();
  // It was asked between the two: at the later one the pause would be longer, and seem shorter.
  const tookMs = after.getTime() - lostAt.getTime() - lostForMs;
  const nextMs = (check_at?.getTime() ?? Infinity) - after.getTime();
  return { leastMs: nextMs - tookMs, mostMs: nextMs + tookMs + 1 };
}
