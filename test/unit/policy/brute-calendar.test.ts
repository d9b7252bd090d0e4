import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { legalWindowsOfDay, localDayOf } from '../../../domain/policy/rules/calendar.ts';
import { explainCall, explainMessage } from '../../../domain/policy/rules/explain.ts';
import { gate } from '../../../domain/policy/rules/gate.ts';
import type { ContactHistory, PastCall } from '../../../domain/policy/rules/history.ts';
import { holdingIn, shippedHolidayChanges } from '../../../domain/policy/rules/holidays.ts';
import { messageGate } from '../../../domain/policy/rules/message-gate.ts';
import type { RulePack } from '../../../domain/policy/rules/pack.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { planSlots } from '../../../domain/policy/rules/slots.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';
import {
  type BruteCall,
  type BruteCase,
  type LawName,
  laws,
  mayCall,
  mayWrite,
  nextMinute,
  nextWave,
  type Place,
} from '../../support/brute-calendar.ts';

const minuteMs = 60_000;
const cases = 10_000;

/** A stream of numbers in [0, 1) that is the same in every run: mulberry32. */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const chileanPlaces: readonly Place[] = [
  { zones: ['America/Santiago'], inChillan: false },
  { zones: ['America/Santiago'], inChillan: true },
  { zones: ['America/Punta_Arenas'], inChillan: false },
  { zones: ['America/Coyhaique'], inChillan: false },
  { zones: ['Pacific/Easter'], inChillan: false },
  {
    zones: ['America/Santiago', 'America/Punta_Arenas', 'America/Coyhaique', 'Pacific/Easter'],
    inChillan: false,
  },
];
const places: Readonly<Record<LawName, readonly Place[]>> = {
  'cl-collection-strict': chileanPlaces,
  'cl-collection-waves': chileanPlaces,
  'co-collection': [{ zones: ['America/Bogota'], inChillan: false }],
  'pe-collection': [{ zones: ['America/Lima'], inChillan: false }],
  'us-regf-collection': [
    { zones: ['America/New_York'], inChillan: false },
    { zones: ['America/Phoenix'], inChillan: false },
    { zones: zonesOf('US', null, 'TX'), inChillan: false },
    { zones: zonesOf('US', null), inChillan: false },
  ],
};
const names: readonly LawName[] = [
  'cl-collection-strict',
  'cl-collection-waves',
  'co-collection',
  'pe-collection',
  'us-regf-collection',
];

interface Case {
  readonly brute: BruteCase;
  readonly atMs: number;
  readonly pack: RulePack;
  readonly history: ContactHistory;
}

function makeCase(random: () => number): Case {
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const law = pick(names);
  const place = pick(places[law]);
  // 20 January 2027 to 10 March 2028: every change of clocks, every holiday, and 29 February.
  const at = Date.UTC(2027, 0, 20) + Math.floor(random() * 414 * 1_440) * minuteMs;
  const shipped = findPack(law);
  if (shipped === undefined) throw new Error(`there is no pack ${law}`);
  const minutesAgo = (): number => at - Math.ceil(random() ** 2 * 9 * 1_440) * minuteMs;
  const calls: readonly BruteCall[] = Array.from({ length: Math.floor(random() * 9) }, () => {
    const atMs = minutesAgo();
    return {
      atMs,
      endedAtMs: atMs + Math.floor(random() * 6) * minuteMs,
      samePerson: random() < 0.85,
      samePhone: random() < 0.7,
      human: random() < 0.12,
      declined: random() < 0.1,
      voicemail: random() < 0.1,
    };
  });
  const messages = Array.from({ length: Math.floor(random() * 3) }, () => ({
    atMs: minutesAgo(),
    requested: random() < 0.3,
  }));
  const region = place.inChillan ? 'Ñuble' : 'Metropolitana';
  return {
    brute: { ...place, law, calls, messages, callsPerDay: 3 },
    atMs: at,
    pack: { ...shipped, holidayChanges: holdingIn(shippedHolidayChanges, { country: 'CL', region }) },
    history: {
      calls: calls.map((call): PastCall => ({ ...call, rang: true })),
      messages: messages.map((message) => ({ ...message, channel: 'whatsapp' })),
    },
  };
}

const common = (one: Case) =>
  ({ pack: one.pack, zones: one.brute.zones, history: one.history, stop: null }) as const;
const callQuestion = (one: Case) =>
  ({
    ...common(one),
    callsPerDay: 3,
    doNotCall: false,
    phoneInvalid: false,
    onCall: false,
    requestedByPerson: false,
    callerId: '+566001234567',
    simulatedPool: false,
  }) as const;
const messageQuestion = (one: Case) =>
  ({
    ...common(one),
    channel: 'whatsapp',
    doNotContact: false,
    channelClosed: false,
    requestedByPerson: false,
    simulatedChannel: false,
  }) as const;

const lookAheadDays = 30;

/** What the product says, and what brute force says, of one case. */
function bothOf(one: Case): readonly [product: unknown, brute: unknown] {
  const { brute, atMs, pack } = one;
  // An instant inside the minute, which no rule tells from its beginning.
  const insideMs = atMs + 37_123;
  const [slot] = planSlots({
    policy: collectionWaves,
    pack,
    zones: brute.zones,
    fromMs: atMs,
    anchorMs: atMs,
    count: 1,
  });
  const isInWindow = legalWindowsOfDay(pack, brute.zones, localDayOf(brute.zones[0], atMs)).some(
    (window) => window.opensAtMs <= atMs && atMs < window.closesAtMs,
  );
  const { schedule } = collectionWaves;
  const starts = schedule.mode === 'waves' ? schedule.startMinutes : [];
  const nothing = { ...brute, calls: [], messages: [] };
  return [
    {
      mayCall: gate({ ...callQuestion(one), atMs, latestDialMs: atMs }).allowed,
      mayWrite: messageGate({ ...messageQuestion(one), atMs: insideMs, latestSendMs: insideMs }).allowed,
      isInWindow,
      nextCallMs: explainCall({ ...callQuestion(one), dialWindowMs: 0 }, atMs).nextMs,
      nextMessageMs: explainMessage(messageQuestion(one), atMs).nextMs,
      wave: slot === undefined ? undefined : { opensAtMs: slot.opensAtMs, closesAtMs: slot.closesAtMs },
    },
    {
      mayCall: mayCall(brute, atMs),
      mayWrite: mayWrite(brute, insideMs),
      isInWindow: mayCall(nothing, atMs),
      nextCallMs: nextMinute(brute, atMs, lookAheadDays, mayCall) ?? null,
      nextMessageMs: nextMinute(brute, atMs, lookAheadDays, mayWrite) ?? null,
      wave: nextWave(brute, atMs, starts),
    },
  ];
}

describe('a second reading of the law, minute by minute', () => {
  it(
    `agrees with gate, slots, windows and the next allowed instant in ${cases} random cases`,
    {
      timeout: 600_000,
    },
    () => {
      const random = stream(20_261_121);
      const seen = { called: 0, written: 0 };
      for (let index = 0; index < cases; index += 1) {
        const one = makeCase(random);
        const [product, brute] = bothOf(one);
        expect(product, JSON.stringify({ index, ...one.brute, at: new Date(one.atMs) })).toEqual(brute);
        if (mayCall(one.brute, one.atMs)) seen.called += 1;
        if (mayWrite(one.brute, one.atMs)) seen.written += 1;
      }
      // The cases are of both kinds, or the agreement would say little.
      expect(seen.called).toBeGreaterThan(cases / 50);
      expect(seen.written).toBeGreaterThan(cases / 50);
      expect(Object.keys(laws).toSorted()).toEqual([...names].toSorted());
    },
  );

  it('shares no code with the first one', () => {
    const source = readFileSync(new URL('../../support/brute-calendar.ts', import.meta.url), 'utf8');
    expect(source).not.toMatch(/^\s*(import|export)[^;]*\bfrom\b/m);
    expect(source).not.toMatch(/\bimport\(/);
  });
});
