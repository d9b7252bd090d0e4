import type { CallOutcome, ContactOutcome } from './outcomes.ts';

/** Before what a contact waits for. */
export const batchPausedWords = 'Su lote está en pausa';

/** Before its time a contact is to be called; from then on it waits for a line. */
export const turnWords = { later: 'Se llamará en', now: 'Espera línea para' } as const;

/**
 * The row's words as they are true now: they were written when the contact began to wait, its turn may have come since, and its
 * batch may have been paused.
 */
export function wordsNow(
  row: {
    readonly state: string;
    readonly batchState: string;
    readonly waitingFor: string;
    readonly nextAtMs: number | null;
  },
  nowMs: number,
): string {
  const { state, batchState, nextAtMs } = row;
  if (state === 'closed') return row.waitingFor;
  const isDue = state === 'waiting' && nextAtMs !== null && nextAtMs <= nowMs;
  const bare = row.waitingFor.startsWith(`${batchPausedWords} · `)
    ? row.waitingFor.slice(batchPausedWords.length + 3)
    : row.waitingFor;
  const own =
    isDue && bare.startsWith(turnWords.later) ? turnWords.now + bare.slice(turnWords.later.length) : bare;
  if (batchState !== 'paused') return own;
  return own === '' ? batchPausedWords : `${batchPausedWords} · ${own}`;
}

/** How a contact ended, in Spanish. */
export const outcomeLabels: Readonly<Record<ContactOutcome, string>> = {
  promise: 'promesa de pago',
  answered: 'contestó',
  completed: 'conversación completa',
  interested: 'interesado',
  refused: 'rechazó',
  stopped: 'llamada detenida por el operador',
  already_paid: 'dice que ya pagó',
  callback_requested: 'pidió que la llamen después',
  do_not_call: 'pidió no ser contactada',
  excluded: 'no contestó en varios días distintos',
  exhausted: 'intentos agotados',
  no_phone: 'sin teléfono válido',
  no_legal_time: 'sin horario permitido',
  expired: 'plazo de la gestión vencido',
  cancelled: 'cancelado',
  paid: 'pagó',
  promise_kept: 'cumplió lo acordado',
  promise_broken: 'no cumplió lo acordado',
  dispute: 'no reconoce la deuda, pasa a un ejecutivo',
  hardship: 'no puede pagar, pasa a un ejecutivo',
  legal: 'en manos de abogados, no se contacta',
  removed: 'retirado de la gestión',
};

/** How a call ended, in Spanish. */
export const callLabels: Readonly<Record<CallOutcome, string>> = {
  ...outcomeLabels,
  wrong_person: 'persona equivocada',
  voicemail: 'buzón de voz',
  silent: 'contestó y nadie habló',
  no_answer: 'no contestó',
  busy: 'ocupado',
  declined: 'rechazó la llamada',
  technical: 'falla técnica',
  invalid_destination: 'el número no existe',
  operator_stopped: 'detenida por el operador',
};

/** An outcome of a contact or a call in Spanish; a word that nobody has worded is shown as it is. */
export function outcomeInWords(outcome: string): string {
  const words: Readonly<Record<string, string>> = callLabels;
  return Object.hasOwn(words, outcome) ? (words[outcome] ?? outcome) : outcome;
}
