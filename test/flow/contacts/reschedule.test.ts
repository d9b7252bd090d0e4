import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { rescheduleWishedSignal, viewQuery } from '../../../workflows/contact/contract.ts';
import { createDebtor, type Debtor, localTime } from '../../support/debtors.ts';
import { answered, noAnswer, type ScriptedEnd, scriptedVoice } from '../../support/scripted-voice.ts';
import { skipFreely, untilFirstStop } from '../../support/temporal.ts';
import { createWorld, finished, monday, startContact, withWorker, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const hourMs = 3_600_000;

/** Somebody who wants to be called at another time, as the agent captured it. */
const wants = (day: string, time: string): ScriptedEnd => ({
  ...answered,
  captured: { resultado: 'pide_llamar_despues', fecha_llamada: day, hora_llamada: time },
});

async function wishesOf({ accountId }: Debtor): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx
      .selectFrom('operation.reschedule_request')
      .select(['source', 'result', 'rule'])
      .orderBy('id')
      .execute(),
  );
  return rows.map(({ source, result, rule }) => `${source} ${result} ${rule ?? ''}`.trim());
}

async function callsOf(debtor: Debtor, ends: readonly [ScriptedEnd, ...ScriptedEnd[]]) {
  const voice = scriptedVoice((number) => ends[number - 1] ?? ends.at(-1) ?? ends[0]);
  await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, debtor.batch, debtor.accountId)),
  );
  return voice.dials.map(({ atMs }) => localTime(atMs));
}

describe('a wish that is in the result of a call', () => {
  it('is kept to the minute, in the days of silence too, and counts as a call', async () => {
    const debtor = await createDebtor(world);
    const calls = await callsOf(debtor, [wants('2027-03-10', '10:45'), noAnswer]);
    expect(calls.slice(0, 2)).toEqual(['2027-03-08 09:00', '2027-03-10 10:45']);
    expect(await wishesOf(debtor)).toEqual(['result agreed']);
    const attempts = await inAccount(world.app, debtor.accountId, (trx) =>
      trx.selectFrom('operation.attempt').select(['number', 'rescheduled']).orderBy('number').execute(),
    );
    expect(attempts.slice(0, 2)).toEqual([
      { number: 1, rescheduled: false },
      { number: 2, rescheduled: true },
    ]);
  });

  it('for a time that is not allowed is on record, never changed in silence, and the call is made at the next that is', async () => {
    const debtor = await createDebtor(world);
    const calls = await callsOf(debtor, [wants('2027-03-14', '11:00'), noAnswer]);
    // Sunday the 14th: no call then. They asked for one all the same: the next wave.
    expect(calls[1]).toBe('2027-03-08 12:00');
    expect(await wishesOf(debtor)).toEqual(['result refused weekday']);
  });
});

describe('a wish that comes as a plain signal of another system', () => {
  async function signalled(wish: { readonly date?: string; readonly time?: string }) {
    const debtor = await createDebtor(world);
    const voice = scriptedVoice(() => answered);
    const states: string[] = [];
    await withWorker(world, { simulatedVoice: voice }, async () => {
      const stopAfterMs = monday.getTime() + hourMs - Date.now();
      const client = await world.temporal.startSkipping({ stopAfterMs });
      const handle = await startContact(world, client, debtor.batch, debtor.accountId);
      await untilFirstStop(client, handle);
      // Twice: a sender that had no answer repeats itself.
      await handle.signal(rescheduleWishedSignal, { requestId: 'wish-1', wish });
      await handle.signal(rescheduleWishedSignal, { requestId: 'wish-1', wish });
      states.push((await handle.query(viewQuery)).state);
      await skipFreely(client, handle);
      await finished(handle);
    });
    return { debtor, first: localTime(voice.dials[0]?.atMs ?? 0), states };
  }

  it('is looked up once and kept', async () => {
    const { debtor, first } = await signalled({ date: '2027-03-09', time: '16:20' });
    expect(first).toBe('2027-03-09 16:20');
    expect(await wishesOf(debtor)).toEqual(['signal agreed']);
  });

  it('and is not allowed, leaves the contact in its wave', async () => {
    const { debtor, first, states } = await signalled({ date: '2027-03-09', time: '22:00' });
    expect(first).toBe('2027-03-08 09:00');
    expect(states).toEqual(['waiting']);
    expect(await wishesOf(debtor)).toEqual(['signal refused hours']);
  });
});

it('a ladder calls an hour after nobody answered and half an hour after a failure, three times in all', async () => {
  const failure: ScriptedEnd = { reason: 'dial_failed', durationMs: 1_000 };
  const debtor = await createDebtor(world, { policy: 'ladder' });
  const times = await callsOf(debtor, [noAnswer, failure, noAnswer]);
  // 25 s of ringing, and a second of failing.
  expect(times).toEqual(['2027-03-08 08:00', '2027-03-08 09:00', '2027-03-08 09:30']);
});
