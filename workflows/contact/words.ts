import type { CallOutcome } from './events.ts';
import type { ContactOutcome, ContactState } from './state.ts';

/** Longest text that the Temporal UI is given: longer ones are cut. */
const longestWords = 200;

/** How a contact ended, in Spanish. */
export const outcomeWords: Readonly<Record<ContactOutcome, string>> = {
  promise: 'promesa de pago',
  answered: 'contestó',
  completed: 'conversación completa',
  interested: 'interesado',
  refused: 'rechazó',
  stopped: 'llamada detenida por el operador',
  already_paid: 'dice que ya pagó',
  callback_requested: 'pidió que le llamen después',
  do_not_call: 'pidió no ser llamado',
  excluded: 'excluido por días sin respuesta',
  exhausted: 'intentos agotados',
  no_phone: 'sin teléfonos que sirvan',
  no_legal_time: 'sin horario permitido',
  expired: 'plazo de la gestión vencido',
  cancelled: 'cancelado',
  paid: 'pagó',
  promise_kept: 'cumplió lo acordado',
  promise_broken: 'no cumplió lo acordado',
  dispute: 'no reconoce la deuda, sigue una persona',
  hardship: 'no puede pagar, sigue una persona',
  legal: 'en manos de abogados, no se contacta',
  removed: 'retirado de la gestión',
};

/** How a call ended, in Spanish. */
export const callWords: Readonly<Record<CallOutcome, string>> = {
  ...outcomeWords,
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

/**
 * What the contact waits for, in one line, for the Temporal UI and the contact's row. No name, number or amount:
 * these words end up in histories.
 */
export function describe(state: ContactState): string {
  return cut(
    `${sentence(state)}${state.paused && state.phase.kind !== 'holding' ? ' · en pausa al terminar' : ''}`,
  );
}

function sentence(state: ContactState): string {
  const { phase } = state;
  const dials = dialWords(state);
  switch (phase.kind) {
    case 'opening':
      return 'Se prepara';
    case 'planning':
      return `Busca el próximo horario permitido · ${dials}`;
    case 'waiting':
      return phase.suspended
        ? `Suspendido: falta saldo para ${phase.slot.label} · ${dials}`
        : `Espera línea para ${phase.slot.label}, ${phoneWords(state)} · ${dials}`;
    case 'dialling':
      return `Marca ${phase.slot.label}, ${phoneWords(state, phase.phoneId)} · intento ${state.attempts + 1}`;
    case 'calling':
      return `En llamada, ${phase.slot.label}, ${phoneWords(state, phase.phoneId)} · intento ${state.attempts}`;
    case 'looking_up':
      return `Busca en el proveedor una llamada sin respuesta, ${phase.slot.label} · intento ${state.attempts}`;
    case 'holding':
      return `En pausa por el operador · ${dials}`;
    case 'following':
      return `Espera el pago acordado para el ${state.agreement?.label ?? ''} · ${dials}`;
    case 'verifying':
      return `Dice que ya pagó: espera el pago o la revisión de una persona · ${dials}`;
    case 'closed':
      return `Cerrado: ${outcomeWords[phase.outcome]} · ${state.attempts === 1 ? '1 intento' : `${state.attempts} intentos`}`;
    default: {
      const unreachable: never = phase;
      return unreachable;
    }
  }
}

/** The state that an operator filters by. */
export function listState(
  state: ContactState,
): 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed' {
  switch (state.phase.kind) {
    case 'dialling':
    case 'calling':
    case 'looking_up':
      return 'calling';
    case 'waiting':
      return state.phase.suspended ? 'suspended' : 'waiting';
    case 'holding':
      return 'paused';
    case 'following':
    case 'verifying':
      return 'negotiating';
    case 'closed':
      return 'closed';
    case 'opening':
    case 'planning':
      return 'waiting';
    default: {
      const unreachable: never = state.phase;
      return unreachable;
    }
  }
}

function dialWords({ attempts, lastOutcome }: ContactState): string {
  const count = attempts === 1 ? '1 intento' : `${attempts} intentos`;
  return lastOutcome === null ? count : `${count}, el último: ${callWords[lastOutcome]}`;
}

function phoneWords(state: ContactState, phoneId?: string): string {
  const index =
    phoneId === undefined ? state.phoneIndex : state.phones.findIndex((p) => p.phoneId === phoneId);
  return `teléfono ${index + 1}`;
}

function cut(words: string): string {
  return words.length <= longestWords ? words : `${words.slice(0, longestWords - 1)}…`;
}
