import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDialActivity } from '../../../activities/contact/dial.ts';
import type { DialInput } from '../../../activities/contact/types.ts';
import { inAccount } from '../../../db/client.ts';
import { clearDial } from '../../../domain/calls/clear-dial.ts';
import { callTiming } from '../../../domain/lines/rules/timing.ts';
import { placed, voiceThat } from '../../support/dials.ts';
import { roundAt } from '../../support/line-queue.ts';
import { until } from '../../support/live-world.ts';
import {
  callOf,
  dial,
  type Line,
  noAnswer,
  proveAbsent,
  recordOf,
  recover,
  rejected,
  settle,
  signalsOf,
  unknown,
  withLine,
} from '../../support/lost-dials.ts';
import { createWorld, newAccount, usd, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

describe('a dial that died before its attempt was recorded', () => {
  it('gives its line back with a refusal, and a gate that still comes finds no line and dials nobody', async () => {
    const { world, input } = await withLine(shared);
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    const voice = voiceThat(placed);
    const late = createDialActivity({ app: world.app, system: world.system, voice });
    const [answer] = (await late.dial(input)).deliveries;
    expect(answer?.fact).toMatchObject({ type: 'DialRefused', reason: 'line_lost' });
    expect(voice.dialled).toEqual([]);
    expect(await recordOf(world, input)).toMatchObject({
      state: null,
      refusals: ['line_lost', 'worker_died'],
      line: 'dial never began',
      hold: 'voided',
    });
  });

  it('whose line the dispatcher took back first has its refusal all the same', async () => {
    const { world, input } = await withLine(shared);
    const { expired } = await roundAt(world, new Date(Date.now() + 60_000));
    expect(expired).toBe(1);
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect(await recordOf(world, input)).toMatchObject({ refusals: ['line_lost'], line: 'not_dialled' });
  });

  it('is decided by the lease’s lock while its gate commits: the attempt stands, and is asked about', async () => {
    const { world, input } = await withLine(shared);
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
    expect(await recordOf(world, input)).toMatchObject({
      state: 'unknown',
      isAsked: true,
      events: ['unknown'],
      refusals: [],
      line: 'held',
    });
  });

  it('whose lease is lost as well, after a restore, was never made', async () => {
    const { world, input } = await withLine(shared);
    const attemptId = randomUUID();
    const absent = { type: 'CallAbsent', attemptId, dialled: false };
    expect(await recover(world, { ...input, attemptId })).toEqual(absent);
  });

  it('and was refused by its gate is no second refusal', async () => {
    const { world, input } = await withLine(shared);
    await world.owner
      .updateTable('core.batch')
      .set({ state: 'paused' })
      .where('id', '=', input.batchId)
      .execute();
    expect(await dial(world, input)).toMatchObject({ type: 'DialRefused', reason: 'batch_paused' });
    expect(await recover(world, input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    expect((await recordOf(world, input)).refusals).toEqual(['batch_paused']);
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

describe('what a dial left on record before its answer was lost', () => {
  it('placed: the contact knows at once that there is a call', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input);
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
  });

  it('brought by a webhook before anybody took it for lost: the contact reads it, and needs no signal', async () => {
    const { world, input } = await withLine(shared);
    await inAccount(world.app, input.accountId, (trx) => clearDial(trx, input, callTiming));
    await settle(world, input, callOf(input));
    expect(await signalsOf(world, input)).toEqual([]);
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
  });

  it('ended: the contact has its end', async () => {
    const { world, input } = await withLine(shared);
    await dial(world, input, () =>
      Promise.resolve({ kind: 'placed', providerCallId: callOf(input).providerCallId }),
    );
    await settle(world, input, callOf(input, noAnswer));
    expect(await recover(world, input)).toMatchObject({ type: 'CallEnded', outcome: 'no_answer' });
  });

  it('rejected: no attempt, and proven absent: an attempt', async () => {
    const [one, other] = [await withLine(shared), await withLine(shared)];
    await dial(one.world, one.input, () => Promise.resolve(rejected));
    expect(await recover(one.world, one.input)).toMatchObject({ type: 'CallAbsent', dialled: false });
    await dial(other.world, other.input, unknown);
    await proveAbsent(other.world, other.input);
    expect(await recover(other.world, other.input)).toMatchObject({ type: 'CallAbsent', dialled: true });
  });

  it('nothing but the attempt: it may ring, the row says so, and the sweeper asks soon', async () => {
    const { world, input } = await withLine(shared);
    await inAccount(world.app, input.accountId, (trx) => clearDial(trx, input, callTiming));
    expect(await recover(world, input)).toBeUndefined();
    expect(await recover(world, input)).toBeUndefined();
    expect(await recordOf(world, input)).toMatchObject({
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
      expect(await recordOf(world, input)).toMatchObject({
        state: 'ended',
        isAsked: false,
        line: 'call_ended',
      });
      expect(await signalsOf(world, input)).toEqual([]);
    }
  });

  it('brought by a webhook, and its POST is answered by a no: the record is read, and nothing is undone', async () => {
    const { world, input } = await withLine(shared);
    const answer = await dial(world, input, async () => {
      await settle(world, input, callOf(input));
      return rejected;
    });
    expect(answer).toMatchObject({ type: 'DialOutcomeUnknown' });
    expect(await recover(world, input)).toMatchObject({ type: 'CallFound' });
    expect(await recordOf(world, input)).toMatchObject({ state: 'placed', line: 'held', hold: 'pending' });
  });
});

/** A line in a rehearsal's account: no provider has its calls. */
async function withRehearsedLine(): Promise<Line> {
  const { world, input } = await withLine(shared, await newAccount(shared.app, shared.poolId, 100n * usd));
  await world.owner
    .updateTable('catalogue.account')
    .set({ kind: 'rehearsal' })
    .where('id', '=', input.accountId)
    .execute();
  return { world, input: { ...input, mode: 'rehearsal' } };
}
