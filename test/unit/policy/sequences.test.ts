import { describe, expect, it } from 'vitest';
import { legalWindowsOfDay, whyClosed } from '../../../domain/policy/rules/calendar.ts';
import { explainCall, readInstant } from '../../../domain/policy/rules/explain.ts';
import { gate, type GateFacts } from '../../../domain/policy/rules/gate.ts';
import { noHistory } from '../../../domain/policy/rules/history.ts';
import {
  type HolidayChange,
  holdingIn,
  holidayNameOn,
  shippedHolidayChanges,
} from '../../../domain/policy/rules/holidays.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { usRegfCollection } from '../../../domain/policy/rules/packs/us-regf-collection.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { planSlots } from '../../../domain/policy/rules/slots.ts';

import { answeredAt } from '../../support/past-calls.ts';

const dayMs = 86_400_000;
const santiago = ['America/Santiago'] as const;

const fine: GateFacts = {
  atMs: 0,
  latestDialMs: 0,
  pack: clCollectionWaves,
  zones: santiago,
  callsPerDay: 3,
  history: noHistory,
  doNotCall: false,
  blocked: false,
  stop: null,
  phoneInvalid: false,
  onCall: false,
  requestedByPerson: false,
  callerId: '+566001234567',
  simulatedPool: false,
};
const isAllowed = (atMs: number, facts: Partial<GateFacts> = {}) =>
  gate({ ...fine, ...facts, atMs, latestDialMs: atMs }).allowed;

/** The first wave of each of three days from an instant, and whether the gate lets a dial through at its opening. */
function threeDays(fromIso: string, facts: Partial<GateFacts> = {}) {
  const fromMs = Date.parse(fromIso);
  const { pack, zones } = { ...fine, ...facts };
  const slots = planSlots({ policy: collectionWaves, pack, zones, fromMs, anchorMs: fromMs, count: 9 });
  const firsts = slots.filter((slot) => slot.key.endsWith('/09:00')).slice(0, 3);
  expect(firsts.every((slot) => isAllowed(slot.opensAtMs, facts))).toBe(true);
  return firsts.map((slot) => `${slot.localDay} ${new Date(slot.opensAtMs).toISOString()}`);
}

describe('a sequence of three days', () => {
  it('keeps to the clock on the wall when the clock goes back between the second and the third', () => {
    expect(threeDays('2027-04-02T08:00:00Z')).toEqual([
      '2027-04-02 2027-04-02T12:00:00.000Z',
      '2027-04-03 2027-04-03T12:00:00.000Z',
      '2027-04-05 2027-04-05T13:00:00.000Z',
    ]);
    // 08:00 on the wall is an hour later in UTC than before the change.
    expect(isAllowed(Date.parse('2027-04-03T11:00:00Z'))).toBe(true);
    expect(isAllowed(Date.parse('2027-04-05T11:59:59Z'))).toBe(false);
    expect(isAllowed(Date.parse('2027-04-05T12:00:00Z'))).toBe(true);
  });

  it('keeps to it when the clock goes forward, and on the very day of the change in a country that calls on Sundays', () => {
    expect(threeDays('2027-09-03T08:00:00Z')).toEqual([
      '2027-09-03 2027-09-03T13:00:00.000Z',
      '2027-09-04 2027-09-04T13:00:00.000Z',
      '2027-09-06 2027-09-06T12:00:00.000Z',
    ]);
    const facts = { pack: usRegfCollection, zones: ['America/New_York'] as const };
    expect(threeDays('2027-03-13T08:00:00Z', facts)).toEqual([
      '2027-03-13 2027-03-13T14:00:00.000Z',
      '2027-03-14 2027-03-14T13:00:00.000Z',
      '2027-03-15 2027-03-15T13:00:00.000Z',
    ]);
  });

  it('calls on a leap day, and counts it in the days of silence', () => {
    expect(threeDays('2028-02-28T08:00:00Z').map((one) => one.slice(0, 10))).toEqual([
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]);
    const history = answeredAt(Date.parse('2028-02-25T15:00:00Z'));
    expect(isAllowed(Date.parse('2028-03-03T14:59:59Z'), { history })).toBe(false);
    expect(isAllowed(Date.parse('2028-03-03T15:00:00Z'), { history })).toBe(true);
  });

  it('goes round a holiday in its middle, and round the Sunday after it', () => {
    expect(threeDays('2027-05-20T08:00:00Z').map((one) => one.slice(0, 10))).toEqual([
      '2027-05-20',
      '2027-05-22',
      '2027-05-24',
    ]);
    expect(isAllowed(Date.parse('2027-05-21T16:00:00Z'))).toBe(false);
  });

  it('goes round a day that an administrator has added, where the person lives and nowhere else', () => {
    const feast: HolidayChange = {
      country: 'CL',
      region: 'Valparaíso',
      day: '2027-05-25',
      everyYear: false,
      name: 'Prueba',
      kind: 'closed',
      source: '',
    };
    const livingIn = (region: string) => ({
      pack: { ...clCollectionWaves, holidayChanges: holdingIn([feast], { country: 'CL', region }) },
    });
    expect(
      threeDays('2027-05-24T08:00:00Z', livingIn('Región de VALPARAISO')).map((one) => one.slice(8, 10)),
    ).toEqual(['24', '26', '27']);
    expect(threeDays('2027-05-24T08:00:00Z', livingIn('Maule')).map((one) => one.slice(8, 10))).toEqual([
      '24',
      '25',
      '26',
    ]);
  });
});

describe('the hours of each country', () => {
  it.for([
    ['co-collection', 'America/Bogota', '2027-03-12', '07:00', '19:00'],
    ['co-collection', 'America/Bogota', '2027-03-13', '08:00', '15:00'],
    ['co-collection', 'America/Bogota', '2027-03-14', undefined, undefined],
    ['co-collection', 'America/Bogota', '2027-03-22', undefined, undefined],
    ['pe-collection', 'America/Lima', '2027-03-12', '07:00', '20:00'],
    ['pe-collection', 'America/Lima', '2027-03-13', undefined, undefined],
    ['pe-collection', 'America/Lima', '2027-03-25', undefined, undefined],
    ['us-regf-collection', 'America/Denver', '2027-03-12', '08:00', '21:00'],
    ['us-regf-collection', 'America/Denver', '2027-07-04', '08:00', '21:00'],
    ['cl-collection-strict', 'America/Santiago', '2027-03-13', '08:00', '20:00'],
    ['cl-collection-waves', 'America/Santiago', '2027-03-13', '08:00', '20:00'],
    ['cl-collection-strict', 'America/Santiago', '2027-03-14', undefined, undefined],
    ['cl-collection-strict', 'America/Santiago', '2027-03-27', undefined, undefined],
  ] as const)('%s in %s on %s: from %s to %s', ([key, zone, day, from, to]) => {
    const pack = findPack(key);
    if (pack === undefined) throw new Error(`there is no pack ${key}`);
    const isOpen = (atMs: number) => whyClosed(pack, [zone], atMs) === undefined;
    const at = (time: string) => readInstant(`${day}T${time}`, [zone]) ?? 0;
    if (from === undefined || to === undefined) {
      for (let hour = 0; hour < 24; hour += 1)
        expect(isOpen(at(`${String(hour).padStart(2, '0')}:30`))).toBe(false);
      return;
    }
    expect([at(from) - 1, at(from), at(to) - 1, at(to)].map(isOpen)).toEqual([false, true, true, false]);
  });
});

it('of zones most of a day apart, the parts of the neighbouring days count as well', () => {
  const [auckland, losAngeles] = ['Pacific/Auckland', 'America/Los_Angeles'];
  for (const zones of [
    [auckland, losAngeles],
    [losAngeles, auckland],
  ] as const) {
    const spans = legalWindowsOfDay(demoPack, zones, '2027-03-10');
    expect(spans.reduce((sum, { opensAtMs, closesAtMs }) => sum + closesAtMs - opensAtMs, 0)).toBe(dayMs);
  }
});

describe('corrections of the holiday calendar', () => {
  const change = (more: Partial<HolidayChange>): HolidayChange => ({
    country: 'CL',
    region: null,
    day: '2027-06-21',
    everyYear: false,
    name: 'Prueba',
    kind: 'open',
    source: '',
    ...more,
  });

  it('open a day that the library lists, and close it again when both are given', () => {
    expect(holidayNameOn('CL', [], '2027-06-21')).toBeDefined();
    expect(holidayNameOn('CL', [change({})], '2027-06-21')).toBeUndefined();
    expect(holidayNameOn('CL', [change({}), change({ kind: 'closed' })], '2027-06-21')).toBe('Prueba');
  });

  it('of every year hold from their first year on, and on no other day', () => {
    const yearly = [change({ kind: 'closed', day: '2027-08-20', everyYear: true })];
    const on = (day: string) => holidayNameOn('CL', yearly, day);
    expect([on('2026-08-20'), on('2027-08-20'), on('2031-08-20'), on('2031-08-21')]).toEqual([
      undefined,
      'Prueba',
      'Prueba',
      undefined,
    ]);
    expect(
      holidayNameOn('CL', [change({ kind: 'closed', day: '2027-08-20' })], '2028-08-20'),
    ).toBeUndefined();
  });

  it('of a region close the day for whoever may live there, and open none for them', () => {
    const closes = change({ region: 'Chillán', kind: 'closed' });
    const opens = change({ region: 'Chillán' });
    const unknown = { country: 'CL', region: null };
    expect(holdingIn([closes, opens], unknown)).toEqual([closes]);
    expect(holdingIn([closes, opens], { country: 'CL', region: 'Comuna de Chillan Viejo' })).toEqual([
      closes,
      opens,
    ]);
    expect(holdingIn([closes], { country: 'CL', region: 'Maule' })).toEqual([]);
    expect(holdingIn([closes], { country: 'CL', region: 'Valle de Chillancito, Maule' })).toEqual([]);
    // No place that is known: as if nothing had been said.
    expect(holdingIn([closes, opens], { country: 'CL', region: 'VIGENTE' })).toEqual([closes]);
    expect(holdingIn([closes], { country: 'PE', region: null })).toEqual([]);
  });

  it('ship with 7 June in Arica y Parinacota, by whatever name its region or comuna goes (case 27)', () => {
    const at = (region: string | null) => ({
      ...clCollectionWaves,
      holidayChanges: holdingIn(shippedHolidayChanges, { country: 'CL', region }),
    });
    // A Monday.
    const ten = Date.parse('2027-06-07T14:00:00Z');
    for (const region of [
      'Arica y Parinacota',
      'Región XV',
      '15',
      'ARICA',
      'Putre',
      'Camarones',
      'General Lagos',
      null,
    ]) {
      expect(whyClosed(at(region), santiago, ten), region ?? 'nowhere').toBe('holiday');
    }
    expect(whyClosed(at('Tarapacá'), santiago, ten)).toBeUndefined();
    expect(whyClosed(at('Arica'), santiago, ten + 86_400_000)).toBeUndefined();
  });

  it('ship with the laws of one day and one region, each with its source', () => {
    const on = (region: string, day: string) =>
      holidayNameOn('CL', holdingIn(shippedHolidayChanges, { country: 'CL', region }), day);
    expect(on('Región de Antofagasta', '2023-09-08')).toBe('Virgen de Ayquina');
    expect(on('Coquimbo', '2023-09-20')).toBe('La Pampilla');
    expect(on('Coquimbo', '2023-09-08')).toBeUndefined();
    expect(on('Magallanes', '2024-09-21')).toBe('Feriado regional');
    expect(on('Antofagasta', '2027-09-08')).toBeUndefined();
    for (const change of shippedHolidayChanges) expect(change.source).toMatch(/^Ley \d/);
  });

  it('ship with the elections of 2025 and with 20 August in Chillán, by whatever name its region goes', () => {
    const at = (region: string) => ({
      ...clCollectionWaves,
      holidayChanges: holdingIn(shippedHolidayChanges, { country: 'CL', region }),
    });
    const noon = Date.parse('2027-08-20T16:00:00Z');
    for (const region of ['Chillán', 'Ñuble', 'XVI Región', '16']) {
      expect(whyClosed(at(region), santiago, noon), region).toBe('holiday');
    }
    expect(whyClosed(at('Biobío'), santiago, noon)).toBeUndefined();
    expect(holidayNameOn('CL', shippedHolidayChanges, '2025-11-16')).toBe('Elecciones generales');
  });
});

describe('why, and when next', () => {
  const question = { ...fine, dialWindowMs: 10_000 };

  it('steps over every rule in turn: the hours, then the holiday, then the silence', () => {
    const history = answeredAt(Date.parse('2027-05-14T16:00:00Z'));
    const { breaches, nextMs } = explainCall({ ...question, history }, Date.parse('2027-05-21T01:00:00Z'));
    expect(breaches.map(({ reason }) => reason)).toEqual(['outside_window', 'cool_down']);
    expect(nextMs).toBe(Date.parse('2027-05-22T12:00:00Z'));
  });

  it('counts the seconds in which the dial may still leave', () => {
    const atMs = Date.parse('2027-05-20T23:59:55Z');
    expect(explainCall(question, atMs)).toMatchObject({ allowed: false });
    expect(explainCall({ ...question, dialWindowMs: 0 }, atMs)).toMatchObject({
      allowed: true,
      nextMs: atMs,
    });
  });

  it('knows no next instant for what never lets go', () => {
    expect(explainCall({ ...question, doNotCall: true }, 0)).toMatchObject({ allowed: false, nextMs: null });
    const answeredMs = Date.parse('2027-05-20T16:00:00Z');
    const beyond = { ...question, history: answeredAt(answeredMs) };
    const pack = { ...clCollectionWaves, coolDown: { days: 365, otherChannelsInWeek: false } };
    expect(explainCall({ ...beyond, pack }, answeredMs + dayMs)).toMatchObject({ nextMs: null });
  });

  it('reads a time on the clock of the person, and none that this clock skips', () => {
    const utc = (text: string) => {
      const atMs = readInstant(text, santiago);
      return atMs === undefined ? undefined : new Date(atMs).toISOString();
    };
    expect(utc('2027-03-08T20:30')).toBe('2027-03-08T23:30:00.000Z');
    expect(utc('2027-03-08T20:30:15')).toBe('2027-03-08T23:30:15.000Z');
    expect(utc('2027-03-08T20:30Z')).toBe('2027-03-08T20:30:00.000Z');
    expect(utc('2027-03-08')).toBe('2027-03-08T03:00:00.000Z');
    expect(utc('2027-09-05T00:30')).toBeUndefined();
    expect(utc('2027-02-29T12:00')).toBeUndefined();
    expect(utc('mañana')).toBeUndefined();
  });
});
