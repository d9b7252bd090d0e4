import { callLabels, outcomeLabels } from '../../contacts/rules/labels.ts';

/** States of a contact, in Spanish. */
export const stateWords = {
  planned: 'por llamar',
  waiting: 'en espera',
  suspended: 'en espera de saldo',
  calling: 'en llamada',
  negotiating: 'con acuerdo, en seguimiento',
  paused: 'en pausa',
  closed: 'cerrado',
} as const;

/** States of a batch, in Spanish. */
export const batchWords = {
  running: 'en curso',
  paused: 'en pausa',
  cancelled: 'cancelado',
  finished: 'terminado',
} as const;

/** What became of an agreement, in Spanish. */
export const agreementWords = {
  open: 'vigente',
  kept: 'cumplido',
  partly_paid: 'pagado en parte',
  broken: 'no cumplido',
  replaced: 'reemplazado por otro',
  withdrawn: 'retirado',
} as const;

export const agreementKinds = { promise: 'promesa', plan: 'plan de pagos' } as const;

/** An outcome of a contact or a call in Spanish; a word that nobody has worded is shown as it is. */
export function outcomeWords(outcome: string): string {
  const words: Readonly<Record<string, string>> = { ...callLabels, ...outcomeLabels };
  return Object.hasOwn(words, outcome) ? (words[outcome] ?? outcome) : outcome;
}
