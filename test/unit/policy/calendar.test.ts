import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legalWindowsOfDay, whyClosed, type Zones } from '../../../domain/policy/rules/calendar.ts';
import { publicHolidays } from '../../../domain/policy/rules/holidays.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { collectionWaves, demoPolicy, ladder } from '../../../domain/policy/rules/policy.ts';
import { planSlots, slotAt } from '../../../domain/policy/rules/slots.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';

const chileanZones = [
  'America/Santiago',
  'America/Punta_Arenas',
  'America/Coyhaique',
  'Pacific/Easter',
] as const;

/** The wall clock by the platform's own formatter: a second way to the same answer. */
function wallClock(zone: string, atMs: number): { day: string; weekday: string; minute: number } {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(atMs));
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    day: `${part('year')}-${part('month')}-${part('day')}`,
    weekday: part('weekday'),
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

/** Chile's legal holidays of 2027, written by hand from the laws that make them, not from the library. */
const holidays2027 = [
  '2027-01-01',
  '2027-03-26',
  '2027-03-27',
  '2027-05-01',
  '2027-05-21',
  '2027-06-21',
  '2027-06-28',
  '2027-07-16',
  '2027-08-15',
  '2027-09-17',
  '2027-09-18',
  '2027-09-19',
  '2027-10-11',
  '2027-10-31',
  '2027-11-01',
  '2027-12-08',
  '2027-12-25',
];

function isLegal(zones: Zones, atMs: number): boolean {
  return zones.every((zone) => {
    const { day, weekday, minute } = wallClock(zone, atMs);
    return weekday !== 'Sun' && minute >= 480 && minute < 1200 && !holidays2027.includes(day);
  });
}

const instants2027 = fc.integer({
  min: Date.parse('2027-01-03T00:00:00Z'),
  max: Date.parse('2027-12-30T00:00:00Z'),
});
const somebodysZones = fc.oneof(
  fc.constantFrom(...chileanZones).map((zone): Zones => [zone]),
  fc.constant<Zones>(zonesOf('CL', null)),
);

describe('legal hours', () => {
  it('agree with an independent reading of the law at any instant of a year, in any Chilean zone or all of them', () => {
    fc.assert(
      fc.property(somebodysZones, instants2027, (zones, atMs) => {
        expect(whyClosed(clCollectionWaves, zones, atMs) === undefined).toBe(isLegal(zones, atMs));
      }),
      { numRuns: 3_000 },
    );
  });

  it('as windows hold exactly the instants that are allowed', () => {
    fc.assert(
      fc.property(somebodysZones, instants2027, (zones, atMs) => {
        const { day } = wallClock(zones[0], atMs);
        const inWindow = legalWindowsOfDay(clCollectionWaves, zones, day).some(
          (window) => window.opensAtMs <= atMs && atMs < window.closesAtMs,
        );
        expect(inWindow).toBe(isLegal(zones, atMs));
      }),
      { numRuns: 2_000 },
    );
  });

  it('in winter 20:00 in Santiago is too late for Punta Arenas', () => {
    const atMs = Date.parse('2027-07-06T23:30:00Z');
    expect(whyClosed(clCollectionWaves, ['America/Santiago'], atMs)).toBeUndefined();
    expect(whyClosed(clCollectionWaves, ['America/Punta_Arenas'], atMs)).toBe('hours');
    expect(whyClosed(clCollectionWaves, zonesOf('CL', null), atMs)).toBe('hours');
  });

  it('name the reason: holiday before weekday before hour', () => {
    const why = (iso: string) => whyClosed(clCollectionWaves, ['America/Santiago'], Date.parse(iso));
    expect(why('2027-03-27T15:00:00Z')).toBe('holiday');
    expect(why('2027-03-07T15:00:00Z')).toBe('weekday');
    expect(why('2027-03-08T10:59:59Z')).toBe('hours');
    expect(why('2027-03-08T11:00:00Z')).toBeUndefined();
    expect(why('2027-03-08T22:59:59Z')).toBeUndefined();
    expect(why('2027-03-08T23:00:00Z')).toBe('hours');
  });
});

describe('holidays of Chile', () => {
  it('are the published ones of 2027, Sábado Santo among them, and no bank holiday', () => {
    expect([...publicHolidays('CL', 2027).keys()].sort()).toEqual(holidays2027);
  });

  it('of a country without a calendar are an error, not an empty list', () => {
    expect(() => publicHolidays('XX', 2027)).toThrow('XX');
  });
});

it('a person without a zone in a country whose zones are unknown is an error, not UTC', () => {
  expect(() => zonesOf('AR', null)).toThrow('AR');
});

describe('slots', () => {
  const request = {
    pack: clCollectionWaves,
    zones: ['America/Santiago'] as const,
    fromMs: Date.parse('2027-03-08T09:00:00Z'),
    anchorMs: Date.parse('2027-03-08T09:00:00Z'),
    count: 4,
  };

  it('of the waves open at 09:00, 12:00 and 15:00 for ninety minutes, and read like a calendar', () => {
    const slots = planSlots({ ...request, policy: collectionWaves });
    expect(slots.map(({ key }) => key)).toEqual([
      '2027-03-08/09:00',
      '2027-03-08/12:00',
      '2027-03-08/15:00',
      '2027-03-09/09:00',
    ]);
    expect(slots[0]).toMatchObject({
      label: 'la tanda de las 09:00 del lunes 08-03-2027',
      opensAtMs: Date.parse('2027-03-08T12:00:00Z'),
      closesAtMs: Date.parse('2027-03-08T13:30:00Z'),
    });
  });

  it('lie inside legal hours, in order, and after the instant that was asked for', () => {
    fc.assert(
      fc.property(
        somebodysZones,
        instants2027.filter((atMs) => atMs < Date.parse('2027-12-01')),
        fc.constantFrom(collectionWaves, ladder),
        (zones, fromMs, policy) => {
          const slots = planSlots({ ...request, policy, zones, fromMs, anchorMs: fromMs, count: 6 });
          expect(slots).toHaveLength(6);
          for (const [index, slot] of slots.entries()) {
            expect(slot.closesAtMs).toBeGreaterThan(fromMs);
            expect(slot.opensAtMs).toBeGreaterThanOrEqual(slots[index - 1]?.closesAtMs ?? 0);
            for (const atMs of [slot.opensAtMs, slot.closesAtMs - 1]) expect(isLegal(zones, atMs)).toBe(true);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of the demo are a minute apart from the opening on, at any hour', () => {
    const slots = planSlots({ ...request, pack: demoPack, policy: demoPolicy, count: 3 });
    expect(slots.map(({ opensAtMs }) => opensAtMs - request.anchorMs)).toEqual([2_000, 62_000, 122_000]);
    const later = planSlots({
      ...request,
      pack: demoPack,
      policy: demoPolicy,
      count: 1,
      fromMs: request.anchorMs + 57_000,
    });
    expect(later[0]?.key).toBe('ola-2');
  });

  it('for a wished instant begin there and end with the legal day; none where it is not allowed', () => {
    const zones = ['America/Santiago'] as const;
    const slot = slotAt(clCollectionWaves, zones, Date.parse('2027-03-09T13:00:00Z'));
    expect(slot).toMatchObject({
      opensAtMs: Date.parse('2027-03-09T13:00:00Z'),
      closesAtMs: Date.parse('2027-03-09T23:00:00Z'),
      label: 'la llamada acordada para las 10:00 del martes 09-03-2027',
    });
    expect(slotAt(clCollectionWaves, zones, Date.parse('2027-03-10T01:00:00Z'))).toBeUndefined();
  });
});
