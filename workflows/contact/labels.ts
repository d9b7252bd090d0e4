import {
  batchPausedWords,
  callLabels,
  outcomeLabels,
  turnWords,
} from '../../domain/contacts/rules/labels.ts';
import { hasMinVersion } from '../../domain/contacts/rules/logic-version.ts';
import {
  type AttributeChange,
  outcomeAttribute,
  stateAttribute,
} from '../../domain/temporal/rules/search-attributes.ts';
import type { ContactState } from './state.ts';

/** Longest text that the Temporal UI is given: longer ones are cut. */
const longestWords = 200;

/**
 * What the contact waits for, in one line, for the Temporal UI and the contact's row. No name, number or amount:
 * these words end up in histories.
 */
export function describe(state: ContactState, nowMs: number): string {
  const { kind } = state.phase;
  const batch = state.batchPaused && kind !== 'closed' ? `${batchPausedWords} · ` : '';
  const after = state.paused && kind !== 'holding' && kind !== 'closed' ? ' · en pausa al terminar' : '';
  return cut(`${batch}${sentence(state, nowMs)}${after}`);
}

function sentence(state: ContactState, nowMs: number): string {
  const { phase } = state;
  const dials = dialWords(state);
  switch (phase.kind) {
    case 'opening':
      return 'Se prepara';
    case 'planning':
      return `Busca el próximo horario permitido · ${dials}`;
    case 'waiting':
      return phase.suspended
        ? `${phase.overBudget === true ? 'Se agotó el presupuesto del lote' : 'Falta saldo'} para ${phase.slot.label} · ${dials}`
        : // Before its time nobody looks for a line.
          `${turnWords[phase.eligibleAtMs > nowMs ? 'later' : 'now']} ${phase.slot.label}, ${phoneWords(state)} · ${dials}`;
    case 'dialling':
      return `Llamando, ${phase.slot.label}, ${phoneWords(state, phase.phoneId)} · intento ${state.attempts + 1}`;
    case 'calling':
      return `En llamada, ${phase.slot.label}, ${phoneWords(state, phase.phoneId)} · intento ${state.attempts}`;
    case 'unconfirmed':
      return `Sin respuesta al marcar: se busca la llamada en el proveedor, ${phase.slot.label} · intento ${state.attempts}`;
    case 'holding':
      return `En pausa por el operador · ${dials}`;
    case 'following':
      return `Espera el pago acordado para el ${state.agreement?.label ?? ''} · ${dials}`;
    case 'verifying':
      return `Dice que ya pagó: espera el pago o la revisión de una persona · ${dials}`;
    case 'closed':
      return `Cerrado: ${outcomeLabels[phase.outcome]} · ${state.attempts === 1 ? '1 intento' : `${state.attempts} intentos`}`;
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
    case 'unconfirmed':
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
  return lastOutcome === null ? count : `${count}, el último: ${callLabels[lastOutcome]}`;
}

function phoneWords(state: ContactState, phoneId?: string): string {
  const index =
    phoneId === undefined ? state.phoneIndex : state.phones.findIndex((p) => p.phoneId === phoneId);
  return `teléfono ${index + 1}`;
}

function cut(words: string): string {
  return words.length <= longestWords ? words : `${words.slice(0, longestWords - 1)}…`;
}

/** States that an operator filters by, and by which version of the logic: each change of the attribute is an event. */
const filteredSince: Readonly<Record<string, number>> = { suspended: 4, negotiating: 4, paused: 4 };

/** Since then a contact that has ended says so, and how. */
const endSince = 6;

/** New values of the search attributes: of the state, when an operator would filter by it or has filtered by it so far, and of the end. */
export function attributes(before: ContactState, after: ContactState): readonly AttributeChange[] {
  const [was, is] = [listState(before), listState(after)];
  if (was === is) return [];
  if (after.phase.kind === 'closed' && hasMinVersion(after, endSince)) {
    return [
      { key: stateAttribute, value: is },
      { key: outcomeAttribute, value: after.phase.outcome },
    ];
  }
  const isFiltered = (name: string): boolean => hasMinVersion(after, filteredSince[name] ?? Infinity);
  return isFiltered(was) || isFiltered(is) ? [{ key: stateAttribute, value: is }] : [];
}
