import { Fields } from '../../domain/shared/rules/read-value.ts';

/** What the batch waits for, and what it has said of itself. */
export interface BatchState {
  readonly phase: 'filling' | 'waiting' | 'finished' | 'cancelled';
  /** Something changed while the group was being filled: look again. */
  readonly isStale: boolean;
  /** The next local morning, while somebody waits for a place. */
  readonly nextWakeAtMs: number | null;
  /** One line for the Temporal UI. */
  readonly words: string;
}

export type BatchFact =
  | { readonly type: 'BatchChanged' }
  | {
      readonly type: 'GroupFilled';
      readonly state: 'running' | 'paused' | 'cancelled' | 'finished';
      readonly nextMorningAtMs: number | null;
      readonly words: string;
    }
  | { readonly type: 'FillFailed' }
  | { readonly type: 'CancelRequested' }
  | { readonly type: 'DeadlineReached' };

export type BatchCommand = { readonly type: 'FillGroup' } | { readonly type: 'CancelBatch' };

interface Decision {
  readonly state: BatchState;
  readonly commands: readonly BatchCommand[];
}

/** Pause before a group that could not be filled is tried again. */
const failedPauseMs = 300_000;

export function openBatch(): Decision {
  return fill({ phase: 'waiting', isStale: false, nextWakeAtMs: null, words: 'Elige a quién llamar hoy' });
}

/** The rows are the truth: whatever happens, the batch looks at them again, once for all that happened meanwhile. Pure. */
export function decideBatch(state: BatchState, event: BatchFact & { readonly atMs: number }): Decision {
  switch (event.type) {
    case 'BatchChanged':
      return fill(state);
    case 'DeadlineReached':
      return state.nextWakeAtMs === null || event.atMs < state.nextWakeAtMs ? unchanged(state) : fill(state);
    case 'CancelRequested': {
      const { state: next, commands } = fill(state);
      return { state: next, commands: [{ type: 'CancelBatch' }, ...commands] };
    }
    case 'FillFailed':
      return unchanged({ ...state, phase: 'waiting', nextWakeAtMs: event.atMs + failedPauseMs });
    case 'GroupFilled':
      return filled(state, event);
    default: {
      const unreachable: never = event;
      return unreachable;
    }
  }
}

function fill(state: BatchState): Decision {
  if (state.phase === 'filling') return unchanged({ ...state, isStale: true });
  const filling: BatchState = { ...state, phase: 'filling', isStale: false, nextWakeAtMs: null };
  return { state: filling, commands: [{ type: 'FillGroup' }] };
}

function filled(state: BatchState, event: Extract<BatchFact, { readonly type: 'GroupFilled' }>): Decision {
  const { words, nextMorningAtMs } = event;
  // What came meanwhile may have opened the batch again: a run that ends with it unread would lose it.
  if ((event.state === 'finished' || event.state === 'cancelled') && !state.isStale) {
    return unchanged({ phase: event.state, isStale: false, nextWakeAtMs: null, words });
  }
  const waiting: BatchState = { ...state, phase: 'waiting', nextWakeAtMs: nextMorningAtMs, words };
  return state.isStale ? fill(waiting) : unchanged(waiting);
}

function unchanged(state: BatchState): Decision {
  return { state, commands: [] };
}

/** Throws `Malformed`. */
export function parseBatchFact(raw: unknown): BatchFact {
  const fields = new Fields(raw, 'message');
  const type = fields.oneOf('type', [
    'BatchChanged',
    'GroupFilled',
    'FillFailed',
    'CancelRequested',
    'DeadlineReached',
  ]);
  if (type !== 'GroupFilled') return { type };
  return {
    type,
    state: fields.oneOf('state', ['running', 'paused', 'cancelled', 'finished']),
    nextMorningAtMs: fields.has('nextMorningAtMs') ? fields.number('nextMorningAtMs') : null,
    words: fields.text('words'),
  };
}
