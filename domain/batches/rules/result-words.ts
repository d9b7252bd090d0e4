/** States of a contact, in Spanish. */
export const stateWords = {
  planned: 'por llamar',
  waiting: 'en espera',
  suspended: 'en espera de saldo o de presupuesto',
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
