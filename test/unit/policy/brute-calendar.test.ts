import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { legalWindowsOfDay, localDayOf } from '../../../domain/policy/rules/calendar.ts';
import { explainCall, explainMessage } from '../../../domain/policy/rules/explain.ts';
import { gate } from '../../../domain/policy/rules/gate.ts';
import type { ContactHistory, PastCall } from '../../../domain/policy/rules/history.ts';
import { packHolding } from '../../../domain/policy/pack-for.ts';
import { shippedHolidayChanges } from '../../../domain/policy/rules/holidays.ts';
import { messageGate } from '../../../domain/policy/rules/message-gate.ts';
import type { RulePack } from '../../../domain/policy/rules/pack.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { planSlots } from '../../../domain/policy/rules/slots.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';
import {
  type BruteCall,
  type BruteCase,
  type BruteMessage,
  type LawName,
  laws,
  mayCall,
  mayWrite,
  nextMinute,
  nextWave,
  type Place,
} from '../../support/brute-calendar.ts';
import { americanPlaces, chileanPlaces } from '../../support/brute-places.ts';

const minuteMs = 60_000;
/** LAW_CASES=10000 is the whole of it: half a minute. */
const cases = Number(process.env['LAW_CASES'] ?? 2_000);

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

const nowhere = { region: null, mayLiveIn: [] } as const;
const american: readonly Place[] = americanPlaces.map((place) => ({
  ...place,
  zones: zonesOf('US', null, place.region),
}));
const places: Readonly<Record<LawName, readonly Place[]>> = {
  'cl-collection-strict': chileanPlaces,
  'cl-collection-waves': chileanPlaces,
  'co-collection': [{ zones: ['America/Bogota'], ...nowhere }],
  'pe-collection': [{ zones: ['America/Lima'], ...nowhere }],
  'us-regf-collection': american,
  'us-strict-collection': american,
};
const countries = { cl: 'CL', co: 'CO', pe: 'PE', us: 'US' } as const;
const names: readonly LawName[] = [
  'cl-collection-strict',
  'cl-collection-waves',
  'co-collection',
  'pe-collection',
  'us-regf-collection',
  'us-strict-collection',
];

interface Case {
  readonly brute: BruteCase;
  readonly atMs: number;
  readonly pack: RulePack;
  readonly history: ContactHistory;
}

/** Loaded once for each place, as a batch's people load it: what is remembered of a calendar is remembered by pack. */
const loaded = new Map<string, RulePack>();
function livingIn(law: LawName, { region }: Place, shipped: RulePack): RulePack {
  const key = `${law}/${region}`;
  const known =
    loaded.get(key) ?? packHolding(shipped, shippedHolidayChanges, { country: countryOf(law), region });
  loaded.set(key, known);
  return known;
}

const countryOf = (law: LawName): string =>
  Object.entries(countries).find(([prefix]) => law.startsWith(prefix))?.[1] ?? '';

function makeCase(random: () => number): Case {
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  };
  const law = pick(names);
  const place = pick(places[law]);
  // 20 January 2027 to 10 March 2028: every change of clocks, every holiday, and 29 February.
  const anywhen = Date.UTC(2027, 0, 20) + Math.floor(random() * 414 * 1_440) * minuteMs;
  // One in four is in the days around those of Arica and of Chillán.
  const around =
    Date.UTC(
      2027,
      ...pick([
        [5, 6],
        [7, 19],
      ] as const),
    ) +
    Math.floor(random() * 3 * 1_440) * minuteMs;
  const at = random() < 0.25 ? around : anywhen;
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
  const messages = Array.from({ length: Math.floor(random() * 3) }, (): BruteMessage => {
    const atMs = minutesAgo();
    return {
      atMs,
      requested: random() < 0.3,
      channel: random() < 0.5 ? 'whatsapp' : 'sms',
      answeredAtMs: random() < 0.3 ? atMs + Math.floor((random() * (at - atMs)) / minuteMs) * minuteMs : null,
    };
  });
  return {
    brute: { ...place, law, calls, messages, callsPerDay: 3 },
    atMs: at,
    pack: livingIn(law, place, shipped),
    history: {
      calls: calls.map((call): PastCall => ({ ...call, rang: true })),
      messages,
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
    blocked: false,
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
    blocked: false,
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

  it('closes a regional holiday for each comuna of Arica y Parinacota, and lets nobody of Chillán be called on theirs', () => {
    for (const law of ['cl-collection-strict', 'cl-collection-waves'] as const) {
      const shipped = findPack(law);
      if (shipped === undefined) throw new Error(`there is no pack ${law}`);
      const closes = (region: string, day: string): boolean => {
        const pack = packHolding(shipped, shippedHolidayChanges, { country: 'CL', region });
        return legalWindowsOfDay(pack, ['America/Santiago'], day).length === 0;
      };
      for (const { region, zones, mayLiveIn } of chileanPlaces) {
        const pack = packHolding(shipped, shippedHolidayChanges, { country: 'CL', region });
        const closed = ['2027-06-07', '2027-08-20'].map(
          (day) => legalWindowsOfDay(pack, zones, day).length === 0,
        );
        expect(closed, region ?? 'nowhere').toEqual([
          mayLiveIn.includes('arica'),
          mayLiveIn.includes('chillan'),
        ]);
      }
      for (const comuna of ['Arica', 'Camarones', 'Putre', 'General Lagos', 'Parinacota']) {
        for (const region of [
          comuna,
          comuna.toUpperCase(),
          `Comuna de ${comuna}`,
          `${comuna}, Arica y Parinacota`,
        ])
          expect(closes(region, '2027-06-07'), region).toBe(true);
      }
      for (const region of ['Chillán', 'Chillán Viejo', 'Chillán Viejo, Ñuble', 'Chillan (Biobío)'])
        expect(closes(region, '2027-08-20'), region).toBe(true);
      expect([closes('Santiago', '2027-06-07'), closes('Santiago', '2027-08-20')]).toEqual([false, false]);
    }
  });

  it('shares no code with the first one', () => {
    for (const file of ['brute-calendar', 'brute-holidays', 'brute-places']) {
      const source = readFileSync(new URL(`../../support/${file}.ts`, import.meta.url), 'utf8');
      const named = [...source.matchAll(/\bfrom '([^']+)'|\bimport\(/g)].map(([, path]) => path);
      expect(
        named.filter((path) => path?.startsWith('./brute-') !== true),
        file,
      ).toEqual([]);
    }
  });
});
