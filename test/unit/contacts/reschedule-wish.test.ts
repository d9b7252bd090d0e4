import { describe, expect, it } from 'vitest';
import type { Meaning } from '../../../domain/contacts/rules/spoken-time/meaning.ts';
import { readWish, type SaidWish } from '../../../domain/contacts/rules/wish.ts';
import { writeMeaning } from '../../support/utterances.ts';

/** Monday 8 March 2027, 11:20 in Santiago. */
const nowMs = Date.parse('2027-03-08T14:20:00Z');
const read = (wish: SaidWish): string => show(readWish(wish, nowMs, 'America/Santiago'));
const show = (meaning: Meaning): string => (meaning.kind === 'instant' ? meaning.at : writeMeaning(meaning));

describe('a wish for another time', () => {
  it.each<[SaidWish, string]>([
    [{ day: '2027-03-09', time: '10:00' }, '2027-03-09T10:00'],
    [{ day: 'mañana', time: '10:00' }, '2027-03-09T10:00'],
    [{ day: 'Pasado Mañana', time: 'a las 9 y media' }, '2027-03-10T09:30'],
    [{ day: 'hoy', time: '16:30' }, '2027-03-08T16:30'],
    [{ day: 'el viernes', time: '10 am' }, '2027-03-12T10:00'],
    [{ day: 'Miércoles', time: 'mediodía' }, '2027-03-10T12:00'],
    // On a Monday, 'lunes' is the next one: whoever means today says so.
    [{ day: 'lunes', time: '15:00' }, '2027-03-15T15:00'],
    [{ day: '15 de marzo', time: 'a las cinco' }, '2027-03-15T17:00'],
    [{ day: '15/03', time: '9' }, '2027-03-15T09:00'],
    [{ day: '05/01', time: '9' }, '2028-01-05T09:00'],
    [{ day: 'el 5', time: '9' }, '2027-04-05T09:00'],
    [{ day: 'en tres días', time: '11:15' }, '2027-03-11T11:15'],
    [{ day: 'en una semana', time: '11:15' }, '2027-03-15T11:15'],
    [{ text: 'mañana a las diez' }, '2027-03-09T10:00'],
    [{ text: 'llámeme el jueves a las 3 de la tarde' }, '2027-03-11T15:00'],
    [{ text: 'el jueves tipo 4' }, '2027-03-11T16:00'],
    [{ text: 'mañana a las 10 de la mañana' }, '2027-03-09T10:00'],
    [{ text: 'hoy a las ocho de la noche' }, '2027-03-08T20:00'],
    [{ text: 'hoy a las seis menos cuarto' }, '2027-03-08T17:45'],
    [{ day: 'mañana a las 10' }, '2027-03-09T10:00'],
    [{ time: 'mañana a las 10' }, '2027-03-09T10:00'],
    [{ text: 'en 20 minutos' }, '2027-03-08T11:40-03:00'],
    [{ text: 'en una hora y media' }, '2027-03-08T12:50-03:00'],
    [{ text: 'en media hora' }, '2027-03-08T11:50-03:00'],
    [{ at: '2027-03-09T13:00:00Z' }, '2027-03-09T13:00:00Z'],
    // Exact digits are what they say, and are refused by the hours, not moved.
    [{ day: 'mañana', time: '03:00' }, '2027-03-09T03:00'],
    [{ day: 'mañana', time: '22:00' }, '2027-03-09T22:00'],
  ])('%j is %s', (wish, expected) => {
    expect(read(wish)).toBe(expected);
  });

  it.each<[SaidWish, string]>([
    [{ time: '10:00' }, 'ask day 10:00'],
    [{ text: 'a las 4' }, 'ask day 16:00'],
    [{ day: 'mañana' }, 'ask time 2027-03-09'],
    [{ text: 'el viernes por la mañana' }, '2027-03-12 06:00-12:00'],
    [{ day: 'mañana', time: 'temprano' }, '2027-03-09 06:00-12:00'],
    [{ day: 'cuando pueda', time: '10:00' }, 'ask not_understood'],
    [{ day: 'mañana', time: '25:00' }, 'ask no_such_time'],
    [{ day: '2027-02-30', time: '10:00' }, 'ask no_such_time'],
    [{ text: 'más tarde' }, 'ask both'],
    [{}, 'nothing'],
    [{ day: ' ', time: '' }, 'nothing'],
  ])('%j lacks something, and nothing is made up: %s', (wish, expected) => {
    expect(read(wish)).toBe(expected);
  });

  it.each<[SaidWish, string]>([
    [{ day: 'mañana', time: '10:00', text: 'mañana a las diez' }, '2027-03-09T10:00'],
    [{ day: 'mañana', time: '10:00', text: 'mañana a las once' }, 'ask several_times'],
    [{ day: 'mañana', time: '10:00', text: 'el viernes a las diez' }, 'ask several_days'],
    [{ day: 'mañana', time: '10:00', text: 'mañana no puedo' }, 'ask other_day'],
    [{ day: 'viernes', time: '10:00', text: 'mañana no, el viernes a las diez' }, '2027-03-12T10:00'],
    [{ day: 'mañana', time: '10:00', text: 'si es que me pagan' }, 'ask not_understood'],
    [{ day: 'el 10' }, 'ask time 2027-03-10'],
    [{ day: '10' }, 'ask not_understood'],
    [{ day: 'mañana', time: '4' }, '2027-03-09T16:00'],
    [{ day: 'mañana', time: '1530' }, '2027-03-09T15:30'],
  ])('%j is read whole, whichever field it stands in: %s', (wish, expected) => {
    expect(read(wish)).toBe(expected);
  });
});
