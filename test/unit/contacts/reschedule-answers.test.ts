import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import {
  chooseWish,
  type SlotRule,
  type WishCalendar,
} from '../../../domain/contacts/rules/reschedule-slot.ts';
import { sayWish } from '../../../domain/contacts/rules/reschedule-words.ts';
import { whyClosed } from '../../../domain/policy/rules/calendar.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import type { SaidWish } from '../../../domain/contacts/rules/wish.ts';

/** Monday 8 March 2027, 11:20 in Santiago: calls from 08:00 to 20:00, Monday to Saturday. */
const nowMs = Date.parse('2027-03-08T14:20:00Z');
const zone = 'America/Santiago';
const calendar: WishCalendar = { pack: clCollectionWaves, zones: [zone], nowMs };

function answer(
  wish: SaidWish,
  over: Partial<WishCalendar> = {},
): readonly [rule: SlotRule | 'agreed', say: string] {
  const chosen = chooseWish({ ...calendar, ...over }, wish);
  return [chosen.ok ? 'agreed' : chosen.rule, sayWish(chosen, nowMs, zone).es];
}

describe('the answer to a wish for another time', () => {
  it.each<[SaidWish, SlotRule | 'agreed', string]>([
    [{ day: 'mañana', time: '10:00' }, 'agreed', 'Queda agendado: le llamaremos mañana a las 10.'],
    [{ text: 'hoy a las 4' }, 'agreed', 'Queda agendado: le llamaremos hoy a las 16.'],
    [
      { day: 'mañana', time: '22:00' },
      'hours',
      'A esa hora no está permitido llamar. ¿Le acomoda mañana a las 19:30 o el miércoles 10 de marzo a las 8?',
    ],
    [
      { day: 'domingo', time: '11:00' },
      'weekday',
      'Ese día de la semana no llamamos. ¿Le acomoda el sábado 13 de marzo a las 19:30 o el lunes 15 de marzo a las 8?',
    ],
    [
      { day: '2027-03-26', time: '11:00' },
      'holiday',
      'Ese día es feriado y no llamamos. ¿Le acomoda el jueves 25 de marzo a las 19:30 o el lunes 29 de marzo a las 8?',
    ],
    [{ day: 'hoy', time: '09:00' }, 'past', 'Esa hora ya pasó. ¿Le acomoda hoy a las 11:21?'],
    [
      { day: '2027-05-03', time: '11:00' },
      'horizon',
      'Ese día está demasiado lejos. ¿Le acomoda el miércoles 7 de abril a las 10:20?',
    ],
    [{ time: '10:00' }, 'day_missing', '¿Qué día le acomoda? Por ejemplo, puedo mañana a las 10.'],
    [{ time: '16:00' }, 'day_missing', '¿Qué día le acomoda? Por ejemplo, puedo hoy a las 16.'],
    [
      { time: '22:00' },
      'hours',
      'A esa hora no está permitido llamar. ¿Le acomoda hoy a las 19:30 o mañana a las 8?',
    ],
    [{ day: 'mañana' }, 'time_missing', '¿A qué hora? Puedo desde mañana a las 8 hasta mañana a las 19:30.'],
    [{ day: 'hoy' }, 'time_missing', '¿A qué hora? Puedo desde hoy a las 11:21 hasta hoy a las 19:30.'],
    [
      { day: 'domingo' },
      'weekday',
      'Ese día de la semana no llamamos. ¿Le acomoda el sábado 13 de marzo a las 19:30 o el lunes 15 de marzo a las 8?',
    ],
    [{ day: '2027-02-30', time: '10:00' }, 'no_such_time', 'No le entendí. ¿Qué día y a qué hora?'],
    [{ day: '2027-02-30' }, 'no_such_time', 'No le entendí. ¿Qué día y a qué hora?'],
    [
      { text: 'más tarde' },
      'not_understood',
      'No le entendí. ¿Qué día y a qué hora? Por ejemplo, puedo hoy a las 11:21.',
    ],
    [
      { text: 'mañana en la tarde' },
      'time_missing',
      '¿A qué hora? Puedo desde mañana a las 12 hasta mañana a las 19:30.',
    ],
    [
      { text: 'mañana entre 3 y 5' },
      'time_missing',
      '¿A qué hora? Puedo desde mañana a las 15 hasta mañana a las 17.',
    ],
    [
      { text: 'mañana después de las 19:45' },
      'time_missing',
      '¿A qué hora? Puedo desde mañana a las 19:45 hasta mañana a las 19:45.',
    ],
    [
      { text: 'mañana después de las 9 de la noche' },
      'hours',
      'A esa hora no está permitido llamar. ¿Le acomoda mañana a las 19:30 o el miércoles 10 de marzo a las 8?',
    ],
    [{ text: 'lunes o martes' }, 'several_days', '¿Cuál de esos días le acomoda más?'],
    [{ text: 'mañana a las 3 o a las 5' }, 'several_times', '¿Cuál de esas horas le acomoda más?'],
    [{ text: 'el próximo viernes' }, 'which_day', '¿De qué fecha hablamos? Dígame el día y el mes.'],
    [{ text: 'el viernes 13 a las 10' }, 'days_disagree', 'Ese día y esa fecha no coinciden. ¿Qué fecha es?'],
    [{ text: 'mañana a las 5 de la noche' }, 'day_part', '¿A qué hora? ¿De la mañana o de la tarde?'],
    [{ text: 'mañana no puedo' }, 'other_day', '¿Qué otro día y a qué hora le acomoda?'],
    [{ text: 'nunca' }, 'declined', '¿Prefiere que no le llamemos más, o le llamo otro día?'],
    [{ text: 'la próxima semana' }, 'day_missing', '¿Qué día le acomoda?'],
    [
      { text: 'mañana no, el jueves a las 10' },
      'agreed',
      'Queda agendado: le llamaremos el jueves 11 de marzo a las 10.',
    ],
    [{}, 'nothing_said', '¿Qué día y a qué hora le acomoda? Por ejemplo, puedo hoy a las 11:21.'],
  ])('%j: %s', (wish, rule, say) => {
    expect(answer(wish)).toEqual([rule, say]);
  });

  it('at an hour that no day allows is the hour, also on the day before a Sunday', () => {
    const saturday = { nowMs: Date.parse('2027-03-13T23:30:00Z') };
    expect(answer({ time: '22:00' }, saturday)[0]).toBe('hours');
  });

  it("keeps to the policy's horizon: what is allowed in a month is not in a policy of one day", () => {
    const wish = { day: 'el jueves', time: '10:00' };
    expect(answer(wish)[0]).toBe('agreed');
    expect(answer(wish, { horizonDays: 1 })[0]).toBe('horizon');
  });

  it('agrees to exactly what was said, and suggests only what is allowed and ahead', () => {
    const words = [
      'hoy',
      'mañana',
      'lunes',
      'sábado',
      'domingo',
      '2027-03-26',
      '2027-04-03',
      'en cinco días',
    ];
    const wish = fc.record({
      day: fc.constantFrom(...words),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
    });
    fc.assert(
      fc.property(wish, fc.integer({ min: 0, max: 60 * 24 * 40 }), ({ day, hour, minute }, later) => {
        const at = { ...calendar, nowMs: nowMs + later * 60_000 };
        const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const chosen = chooseWish(at, { day, time });
        const instants = chosen.ok
          ? [chosen.slot.opensAtMs]
          : [chosen.before, chosen.after].flatMap((near) => (near === null ? [] : [Date.parse(near)]));
        for (const instant of instants) {
          expect(whyClosed(clCollectionWaves, [zone], instant)).toBeUndefined();
          expect(instant).toBeGreaterThanOrEqual(at.nowMs);
          expect(instant).toBeLessThanOrEqual(at.nowMs + 30 * 86_400_000);
        }
        if (!chosen.ok) return;
        expect(DateTime.fromMillis(chosen.slot.opensAtMs, { zone }).toFormat('HH:mm')).toBe(time);
      }),
      { numRuns: 500 },
    );
  });
});
