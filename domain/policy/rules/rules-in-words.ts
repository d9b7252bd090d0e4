import type { Bilingual } from '../../shared/rules/bilingual.ts';
import { counted, wholeNumber } from '../../shared/rules/written.ts';
import type { RulePack } from './pack.ts';
import { rulePacks } from './packs/index.ts';
import { policies, type Policy } from './policy.ts';

/** Packs that ship, as people read them. A stored version keeps the title that it began with, and cannot be worded anew. */
const packTitles: Readonly<Record<string, Bilingual>> = {
  'cl-collection-strict': {
    es: 'Cobranza Chile, lectura estricta: un contacto por semana y un intento al día',
    en: 'Debt collection in Chile, strict reading: one contact a week and one attempt a day',
  },
  'cl-collection-waves': {
    es: 'Cobranza Chile, lectura en que una llamada sin respuesta no es contacto',
    en: 'Debt collection in Chile, on the reading that an unanswered call is no contact',
  },
  demo: {
    es: 'Demostración: a cualquier hora, solo con el proveedor simulado',
    en: 'Demonstration: at any hour, only with the simulated provider',
  },
};

export function packInWords({ key, title }: Pick<RulePack, 'key' | 'title'>): Bilingual {
  return Object.hasOwn(packTitles, key)
    ? (packTitles[key] ?? { es: title, en: title })
    : { es: title, en: title };
}

/** 'Cobranza Chile, … (cl-collection-waves@3)' of a stored name; of one that does not ship any more the name alone. */
export function packNameInWords(name: string): string {
  const pack = rulePacks.find(({ key }) => name.startsWith(`${key}@`));
  return pack === undefined ? name : `${packInWords(pack).es} (${name})`;
}

/** The same of a policy: of that very version, because its words are made of its numbers. */
export function policyNameInWords(name: string): string {
  const policy = policies.find(({ key, version }) => name === `${key}@${version}`);
  return policy === undefined ? name : `${policyInWords(policy).es} (${name})`;
}

const minuteMs = 60_000;

/** When people are called, from the policy's own numbers. */
export function policyInWords({ schedule, maxAttempts, noAnswerRetryMs }: Policy): Bilingual {
  const most = {
    es: `a lo más ${counted(maxAttempts, 'llamada')} por persona`,
    en: `at most ${maxAttempts} ${maxAttempts === 1 ? 'call' : 'calls'} a person`,
  };
  const { es, en } = scheduleInWords(schedule, noAnswerRetryMs);
  return { es: `${es}, ${most.es}`, en: `${en}, ${most.en}` };
}

function scheduleInWords(schedule: Policy['schedule'], retryMs: number): Bilingual {
  switch (schedule.mode) {
    case 'waves': {
      const times = schedule.startMinutes.map(clock);
      return {
        es: `${times.length === 1 ? 'tanda' : 'tandas'} de las ${listed(times, 'y')}`,
        en: `${times.length === 1 ? 'wave' : 'waves'} at ${listed(times, 'and')}`,
      };
    }
    case 'ladder':
      return {
        es: `a cualquier hora permitida, y si nadie contesta otra vez a los ${span(retryMs)}`,
        en: `at any allowed hour, and ${span(retryMs)} later again when nobody answers`,
      };
    case 'interval':
      return { es: `una tanda cada ${span(schedule.everyMs)}`, en: `a wave every ${span(schedule.everyMs)}` };
    default: {
      const unreachable: never = schedule;
      return unreachable;
    }
  }
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function listed(words: readonly string[], and: string): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${and} ${words.at(-1) ?? ''}`;
}

function span(ms: number): string {
  return ms % minuteMs === 0 ? `${wholeNumber(ms / minuteMs)} min` : `${wholeNumber(ms / 1000)} s`;
}
