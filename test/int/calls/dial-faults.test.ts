import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultKind } from '../../../dev/fakes/retell/faults.ts';
import type { PostRecord } from '../../../dev/fakes/retell/types.ts';
import type { ProviderCall, VoiceProvider } from '../../../domain/calls/voice-port.ts';
import { attemptsOf, breaches, refusalsOf } from '../../support/live-truth.ts';
import {
  callOne,
  type Called,
  createLiveWorld,
  type LiveWorld,
  phoneEnding,
  until,
} from '../../support/live-world.ts';

/** Numbers whose calls cannot be hung up, and those whose analysis is not there yet. */
const deaf = new Set<string | undefined>();
const unanalysed = new Set<string | undefined>();

const withGaps = (voice: VoiceProvider): VoiceProvider => {
  const getCall = async (id: string): Promise<ProviderCall | undefined> => {
    const call = await voice.getCall(id);
    return call !== undefined && unanalysed.has(call.toNumber)
      ? { ...call, analysed: false, captured: {} }
      : call;
  };
  return {
    ...voice,
    getCall,
    async stopCall(id) {
      if (deaf.has((await voice.getCall(id))?.toNumber)) throw new Error('the provider does not hang up');
      return voice.stopCall(id);
    },
  };
};

let live: LiveWorld;
beforeAll(async () => {
  // Each call_ended says `registered`, as Retell's own sample does.
  live = await createLiveWorld({ fake: { registeredInEndedShare: 1 }, wrapVoice: withGaps });
});
afterAll(() => live.close());

/** Calls one person under faults that only their number meets. */
async function callUnder(faults: readonly Omit<Fault, 'toNumber'>[], ending = '00'): Promise<Called> {
  const phone = phoneEnding(ending);
  for (const fault of faults) live.fake.addFault({ ...fault, toNumber: phone });
  return callOne(live, { phones: [phone] });
}

const postsOf = (called: Called): readonly PostRecord[] =>
  live.fake.posts().filter(({ toNumber }) => called.phones.includes(toNumber ?? ''));

const allWebhooksLost = { kind: 'lose_webhook', times: 'always' } as const;

describe.concurrent('a dial whose answer was lost', () => {
  const cases: readonly (readonly [string, Omit<Fault, 'toNumber'>])[] = [
    ['500 after placed', { kind: 'error_after_placed' }],
    ['time-out after placed', { kind: 'timeout_after_placed' }],
    ['dropped, and placed after the first look-up', { kind: 'dropped_then_placed', ms: 4_700 }],
    ['answered after the dial’s deadline', { kind: 'slow', ms: 4_300 }],
  ];
  it.for(cases)('%s: the call’s webhook tells of it, and nothing is dialled again', async ([, fault]) => {
    const called = await callUnder([fault]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(postsOf(called)).toMatchObject([{ placed: true }]);
    expect(await attemptsOf(live, called.contactId)).toMatchObject([
      { state: 'ended', outcome: 'promise', hold: 'posted', releaseReason: 'call_ended' },
    ]);
  });

  it.for(cases)('%s and no webhook ever: found by its metadata, not repeated', async ([, fault]) => {
    const called = await callUnder([fault, allWebhooksLost]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(postsOf(called)).toMatchObject([{ placed: true }]);
    const [attempt] = await attemptsOf(live, called.contactId);
    expect(attempt).toMatchObject({ state: 'ended', hold: 'posted', releaseReason: 'call_ended' });
    expect(attempt?.events.slice(0, 3)).toEqual(['unknown', 'found', 'ended']);
  });

  it('500 without placing: its line is held until that is proven, and the next dial is in the next wave', async () => {
    const called = await callUnder([{ kind: 'error_not_placed' }]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 2 });
    expect(postsOf(called)).toMatchObject([{ placed: false }, { placed: true }]);
    const [first, second] = await attemptsOf(live, called.contactId);
    expect(first).toMatchObject({ wave: 'ola-1', state: 'absent', hold: 'expired', chargedMicros: null });
    expect(first?.events).toEqual(['unknown', 'absent']);
    expect(first?.releaseReason).toBe('never placed');
    expect(first?.releasedAt?.getTime()).toBeGreaterThan(first?.absentAfter.getTime() ?? Infinity);
    expect(second).toMatchObject({ wave: 'ola-2', state: 'ended', outcome: 'promise' });
  });
});

describe.concurrent('a dial that the provider refuses', () => {
  it.for(['no_credit', 'rate_limited'] as const)(
    '%s: not an attempt; line and hold go back, and it is tried again after the pause',
    async (kind: FaultKind) => {
      const called = await callUnder([{ kind, times: 2 }]);
      expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
      expect(postsOf(called).map(({ placed }) => placed)).toEqual([false, false, true]);
      const attempts = await attemptsOf(live, called.contactId);
      const undone = { state: 'rejected', hold: 'voided', events: ['rejected'], wave: 'ola-1' };
      expect(attempts).toMatchObject([undone, undone, { state: 'ended', wave: 'ola-1' }]);
    },
  );

  it('a number that is none to it: the next phone is called in the same wave', async () => {
    const [refused, other] = [phoneEnding('00'), phoneEnding('00')];
    live.fake.addFault({ kind: 'number_refused', times: 'always', toNumber: refused });
    const called = await callOne(live, { phones: [refused, other] });
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(postsOf(called).map(({ toNumber }) => toNumber)).toEqual([refused, other]);
    expect(await attemptsOf(live, called.contactId)).toMatchObject([
      { state: 'rejected', wave: 'ola-1' },
      { state: 'ended', wave: 'ola-1' },
    ]);
  });

  it('the only number of somebody: not again in the same wave', async () => {
    const called = await callUnder([{ kind: 'number_refused' }]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(await attemptsOf(live, called.contactId)).toMatchObject([
      { state: 'rejected', wave: 'ola-1' },
      { state: 'ended', wave: 'ola-2' },
    ]);
  });

  it('slow answer inside the dial’s window: an ordinary call', async () => {
    const called = await callUnder([{ kind: 'slow', ms: 300 }]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(postsOf(called)).toMatchObject([{ answer: 201 }]);
  });
});

/** A webhook puts the next look off by as much as in production: that time passes here. */
async function passTime({ contactId }: Called): Promise<void> {
  await live.world.owner
    .updateTable('operation.call')
    .set({ check_at: new Date() })
    .where('contact_id', '=', contactId)
    .where('check_at', 'is not', null)
    .execute();
}

/** What every way of hearing of one call's end must come to. */
async function expectOnePromise(called: Called): Promise<void> {
  expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 1 });
  await live.fake.waitUntil((fake) => fake.calls().some(({ final, call }) => final && isTo(called, call)));
  await until('the analysis', async () =>
    (await attemptsOf(live, called.contactId)).every(({ events }) => events.includes('analysed')),
  );
  const attempts = await attemptsOf(live, called.contactId);
  expect(attempts).toMatchObject([{ outcome: 'promise', hold: 'posted' }]);
  // Each step is taken once, however often and in whatever order the provider speaks of it.
  // A webhook may be faster than the dial's own answer: then the call was found before it was placed.
  const events = attempts[0]?.events.map((kind) => (kind === 'found' ? 'placed' : kind));
  expect(events?.toSorted()).toEqual(['analysed', 'ended', 'placed']);
  expect(attempts[0]?.chargedMicros).toBe(667n);
  expect(await timesTold(called)).toBe(1);
}

async function timesTold({ contactId }: Called): Promise<number> {
  const signals = await live.world.owner
    .selectFrom('operation.outbox')
    .select('id')
    .where('contact_id', '=', contactId)
    .where('signal', '=', 'callEnded')
    .execute();
  return signals.length;
}

const isTo = (called: Called, call: Readonly<Record<string, unknown>>): boolean =>
  called.phones.some((phone) => call['to_number'] === phone);

describe.concurrent('webhooks of a call that ended in a promise', () => {
  const cases: readonly (readonly [string, readonly Omit<Fault, 'toNumber'>[]])[] = [
    ['as they should be', []],
    ['call_ended lost: the analysis tells of the end', [{ kind: 'lose_webhook', event: 'call_ended' }]],
    ['all of them lost: the sweeper asks', [allWebhooksLost]],
    ['each of them six times', [{ kind: 'duplicate_webhook', times: 'always', copies: 5 }]],
    ['analysed before ended', [{ kind: 'reorder_webhooks' }]],
    ['all of them late', [{ kind: 'delay_webhook', times: 'always', ms: 700 }]],
    ['started after analysed', [{ kind: 'delay_webhook', event: 'call_started', ms: 1_500 }]],
  ];
  it.for(cases)('%s: settled once, charged once, told once', async ([, faults]) => {
    await expectOnePromise(await callUnder(faults));
  });

  it('ended lost and analysis lost after a call_started: the sweeper still asks in the end', async () => {
    const called = await callUnder([
      { kind: 'lose_webhook', event: 'call_ended' },
      { kind: 'lose_webhook', event: 'call_analyzed' },
    ]);
    await live.fake.waitUntil((fake) =>
      fake.webhooks().some(({ callId, event, result }) => {
        const call = fake.calls().find((one) => one.callId === callId);
        return (
          call !== undefined && isTo(called, call.call) && event === 'call_started' && result === 'delivered'
        );
      }),
    );
    await passTime(called);
    await expectOnePromise(called);
  });
});

it.concurrent('an analysis that comes after the contact was told is still fetched and filed', async () => {
  const phone = phoneEnding('00');
  unanalysed.add(phone);
  live.fake.addFault({ ...allWebhooksLost, toNumber: phone });
  const called = await callOne(live, { phones: [phone] });
  expect(await called.handle.result()).toMatchObject({ outcome: 'answered', attempts: 1 });
  unanalysed.delete(phone);
  await until('the analysis', async () => {
    const [attempt] = await attemptsOf(live, called.contactId);
    return attempt?.events.includes('analysed') === true && attempt.outcome === 'promise';
  });
  await until('that nothing more is to be asked', async () => (await checksPlanned(called)) === 0);
  expect(await timesTold(called)).toBe(1);
});

async function checksPlanned({ contactId }: Called): Promise<number> {
  const rows = await live.world.owner
    .selectFrom('operation.call')
    .select('attempt_id')
    .where('contact_id', '=', contactId)
    .where('check_at', 'is not', null)
    .execute();
  return rows.length;
}

describe.concurrent('what the provider does differently from what one would think', () => {
  it('an unconnected call has no call_started, its call_ended says registered: no answer, next wave', async () => {
    const called = await callUnder([], '30');
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 2 });
    const attempts = await attemptsOf(live, called.contactId);
    expect(attempts).toMatchObject([
      { wave: 'ola-1', outcome: 'no_answer', chargedMicros: 0n },
      { wave: 'ola-2', outcome: 'promise' },
    ]);
    const first = attempts[0]?.providerCallId;
    const events = live.fake.webhooks().filter(({ callId }) => callId === first);
    expect(events.map(({ event }) => event).toSorted()).toEqual(['call_analyzed', 'call_ended']);
  });

  it('a voicemail has the status ended: nobody answered, and the next wave calls again', async () => {
    const phone = phoneEnding('04');
    live.fake.scriptOutcomes(phone, ['voicemail', 'promise']);
    const called = await callOne(live, { phones: [phone] });
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 2 });
    const attempts = await attemptsOf(live, called.contactId);
    expect(attempts).toMatchObject([{ outcome: 'voicemail' }, { outcome: 'promise', wave: 'ola-2' }]);
  });

  it.for([
    ['by webhook', []],
    ['by nobody: its webhook is lost', [{ kind: 'lose_webhook', event: 'transfer_ended' }]],
    ['before call_ended, which is late', [{ kind: 'delay_webhook', event: 'call_ended', ms: 2_000 }]],
  ] as const)(
    'the cost of a transfer that is told %s is stored as the provider has it',
    async ([, faults]) => {
      const called = await callUnder(faults, '25');
      expect(await called.handle.result()).toMatchObject({ outcome: 'answered', attempts: 1 });
      const cents = await live.fake.waitUntil((fake) => costOf(fake, called));
      await live.fake.idle();
      await passTime(called);
      await until('the cost with the leg of the transfer', async () => {
        const [attempt] = await attemptsOf(live, called.contactId);
        return attempt?.providerCostMicros === BigInt(Math.round(cents * 10_000));
      });
    },
  );
});

/** What the transferred call cost in the end, leg included; undefined before that. */
function costOf(fake: LiveWorld['fake'], called: Called): number | undefined {
  const record = fake.calls().find(({ call }) => isTo(called, call));
  const cost = record?.final === true ? record.call['call_cost'] : undefined;
  const cents = typeof cost === 'object' && cost !== null && 'combined_cost' in cost ? cost.combined_cost : 0;
  return typeof cents === 'number' && cents > 0 ? cents : undefined;
}

describe.concurrent('a call that stays registered for ever', () => {
  it('is hung up when it could not have lasted so long: technical, and tried again', async () => {
    const called = await callUnder([{ kind: 'stuck_registered' }]);
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 2 });
    const [first, second] = await attemptsOf(live, called.contactId);
    expect(first).toMatchObject({ state: 'ended', outcome: 'technical', chargedMicros: 0n });
    expect(first?.releasedAt?.getTime()).toBeGreaterThan(first?.absentAfter.getTime() ?? Infinity);
    expect(second).toMatchObject({ outcome: 'promise' });
    expect(await refusalsOf(live, called.contactId)).toEqual([]);
  });

  it('and cannot be hung up is given up: technical, and tried again', async () => {
    const phone = phoneEnding('00');
    deaf.add(phone);
    live.fake.addFault({ kind: 'stuck_registered', toNumber: phone });
    const called = await callOne(live, { phones: [phone] });
    expect(await called.handle.result()).toMatchObject({ outcome: 'promise', attempts: 2 });
    expect(await attemptsOf(live, called.contactId)).toMatchObject([
      { state: 'ended', outcome: 'technical', chargedMicros: 0n, releaseReason: 'call_ended' },
      { state: 'ended', outcome: 'promise' },
    ]);
    // What the provider says of it when it finds its tongue again changes nothing that was told.
    const stuck = live.fake.calls().find(({ call, final }) => !final && isTo(called, call));
    await live.voice.stopCall(stuck?.callId ?? '');
  });
});

it('afterwards no line is leased, no hold pending, each cent accounted for, no attempt sent twice', async () => {
  await live.fake.idle();
  await until('everything is settled', async () => (await breaches(live)).length === 0, 10_000).catch(
    () => 0,
  );
  expect(await breaches(live)).toEqual([]);
});
