import { DateTime } from 'luxon';
import { localDayOf } from '../../policy/rules/calendar.ts';
import { type Said, sayDayFrom, sayTime } from './spoken.ts';
import type { ChosenSlot, SlotRule } from './reschedule-slot.ts';

/** Words for an operator, by rule. */
export const slotWords: Readonly<Record<SlotRule, Said>> = {
  no_such_time: {
    en: "no such time on the person's clock",
    es: 'esa hora no existe en el reloj de la persona',
  },
  past: { en: 'the instant is in the past', es: 'la hora ya pasó' },
  horizon: {
    en: 'further ahead than the policy allows',
    es: 'es más adelante de lo que permite la política',
  },
  holiday: { en: 'a public holiday', es: 'es feriado' },
  weekday: { en: 'no calls on that weekday', es: 'ese día de la semana no se llama' },
  hours: { en: 'outside the hours in which a call is allowed', es: 'fuera del horario permitido' },
  day_missing: { en: 'a time without a day', es: 'falta el día' },
  time_missing: { en: 'a day without a time', es: 'falta la hora' },
  several_days: { en: 'several days, of which none is chosen', es: 'hay varios días y no se sabe cuál' },
  several_times: { en: 'several hours, of which none is chosen', es: 'hay varias horas y no se sabe cuál' },
  which_day: { en: 'a name that may be of two days', es: 'no se sabe de qué fecha se habla' },
  days_disagree: { en: 'the weekday is not that of the date', es: 'el día y la fecha no coinciden' },
  day_part: { en: 'no such hour in that part of the day', es: 'esa hora no es de esa parte del día' },
  other_day: { en: 'only what does not suit was said', es: 'solo se dijo lo que no acomoda' },
  declined: { en: 'no call is wanted', es: 'la persona no quiere que la llamen' },
  not_understood: { en: 'neither a day nor a time', es: 'no se entiende el día o la hora' },
  nothing_said: { en: 'no day and no time', es: 'faltan el día y la hora' },
};

/** What the agent says to a wish: what is agreed, or why not and what would do. */
export function sayWish(chosen: ChosenSlot, nowMs: number, zone: string): Said {
  const near = (at: string | null): Said | undefined =>
    at === null ? undefined : sayInstant(DateTime.fromISO(at).toMillis(), nowMs, zone);
  if (chosen.ok) {
    const { es, en } = sayInstant(chosen.slot.opensAtMs, nowMs, zone);
    return { es: `Queda agendado: le llamaremos ${es}.`, en: `Agreed: we will call ${en}.` };
  }
  const { rule } = chosen;
  const [before, after] = [near(chosen.before), near(chosen.after)];
  switch (rule) {
    case 'day_missing':
      return ask('¿Qué día le acomoda?', 'On which day?', after);
    case 'nothing_said':
      return ask('¿Qué día y a qué hora le acomoda?', 'On which day, at what time?', after);
    case 'not_understood':
    case 'no_such_time':
      return ask(
        'No le entendí. ¿Qué día y a qué hora?',
        'Not understood. On which day, at what time?',
        after,
      );
    case 'several_days':
      return ask('¿Cuál de esos días le acomoda más?', 'Which of those days?', undefined);
    case 'several_times':
      return ask('¿Cuál de esas horas le acomoda más?', 'Which of those hours?', undefined);
    case 'which_day':
      return ask(
        '¿De qué fecha hablamos? Dígame el día y el mes.',
        'Of which date? The day and the month.',
        undefined,
      );
    case 'days_disagree':
      return ask(
        'Ese día y esa fecha no coinciden. ¿Qué fecha es?',
        'That weekday is not that date. Which date?',
        undefined,
      );
    case 'day_part':
      return ask(
        '¿A qué hora? ¿De la mañana o de la tarde?',
        'At what time? In the morning or in the afternoon?',
        undefined,
      );
    case 'other_day':
      return ask('¿Qué otro día y a qué hora le acomoda?', 'On which other day, at what time?', undefined);
    case 'declined':
      return ask(
        '¿Prefiere que no le llamemos más, o le llamo otro día?',
        'No more calls at all, or another day?',
        undefined,
      );
    case 'time_missing':
      if (before === undefined || after === undefined) return ask('¿A qué hora?', 'At what time?', after);
      return {
        es: `¿A qué hora? Puedo desde ${before.es} hasta ${after.es}.`,
        en: `At what time? From ${before.en} until ${after.en}.`,
      };
    case 'past':
      return offer('Esa hora ya pasó', 'That time has passed', before, after);
    case 'horizon':
      return offer('Ese día está demasiado lejos', 'That day is too far ahead', before, after);
    case 'holiday':
      return offer('Ese día es feriado y no llamamos', 'That day is a public holiday', before, after);
    case 'weekday':
      return offer('Ese día de la semana no llamamos', 'No calls on that weekday', before, after);
    case 'hours':
      return offer('A esa hora no está permitido llamar', 'No call is allowed at that time', before, after);
    default: {
      const unreachable: never = rule;
      return unreachable;
    }
  }
}

/** 'mañana a las 10', 'el martes 9 de marzo a las 19:30'. */
export function sayInstant(atMs: number, nowMs: number, zone: string): Said {
  const day = sayDayFrom(localDayOf(zone, nowMs), localDayOf(zone, atMs));
  const time = sayTime(DateTime.fromMillis(atMs, { zone }));
  return { es: `${day.es} ${time.es}`, en: `${day.en} ${time.en}` };
}

function ask(es: string, en: string, near: Said | undefined): Said {
  if (near === undefined) return { es, en };
  return { es: `${es} Por ejemplo, puedo ${near.es}.`, en: `${en} For example, ${near.en}.` };
}

function offer(es: string, en: string, before: Said | undefined, after: Said | undefined): Said {
  const near = [before, after].filter((said) => said !== undefined);
  if (near.length === 0) return { es: `${es}.`, en: `${en}.` };
  return {
    es: `${es}. ¿Le acomoda ${near.map((said) => said.es).join(' o ')}?`,
    en: `${en}. Would ${near.map((said) => said.en).join(' or ')} do?`,
  };
}
