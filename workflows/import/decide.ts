import { Fields } from '../../domain/shared/rules/read-value.ts';

type Ended = 'stored' | 'failed' | 'cancelled' | 'gone';

export interface ImportState {
  readonly phase: 'reading' | 'waiting' | Ended;
  /** When the file is tried again. */
  readonly nextWakeAtMs: number | null;
  /** Times that it could not be read yet, one behind the other. */
  readonly tries: number;
}

export type ImportFact =
  | { readonly type: 'UploadRead'; readonly state: Ended | 'busy' }
  | { readonly type: 'ReadFailed' }
  | { readonly type: 'CancelRequested' }
  | { readonly type: 'DeadlineReached' };

export type ImportCommand = { readonly type: 'ReadUpload' } | { readonly type: 'CancelImport' };

interface Decision {
  readonly state: ImportState;
  readonly commands: readonly ImportCommand[];
}

/** Pauses before a file is tried again while others of its account are read: 1, 2, 4 … seconds. */
const shortestPauseMs = 1_000;
const longestPauseMs = 15_000;
const failedPauseMs = 60_000;

export function openImport(): Decision {
  return { state: { phase: 'reading', nextWakeAtMs: null, tries: 0 }, commands: [{ type: 'ReadUpload' }] };
}

/** One file is read, sooner or later, or cancelled: the row says which. Pure. */
export function decideImport(state: ImportState, event: ImportFact & { readonly atMs: number }): Decision {
  switch (event.type) {
    case 'UploadRead':
      if (event.state === 'busy') return later(state, event.atMs, pauseMs(state.tries));
      return { state: { phase: event.state, nextWakeAtMs: null, tries: 0 }, commands: [] };
    case 'ReadFailed':
      return later(state, event.atMs, failedPauseMs);
    case 'CancelRequested':
      return { state, commands: [{ type: 'CancelImport' }] };
    case 'DeadlineReached':
      if (state.nextWakeAtMs === null || event.atMs < state.nextWakeAtMs) return { state, commands: [] };
      return {
        state: { ...state, phase: 'reading', nextWakeAtMs: null },
        commands: [{ type: 'ReadUpload' }],
      };
    default: {
      const unreachable: never = event;
      return unreachable;
    }
  }
}

function later(state: ImportState, atMs: number, ms: number): Decision {
  return {
    state: { phase: 'waiting', nextWakeAtMs: atMs + ms, tries: state.tries + 1 },
    commands: [],
  };
}

function pauseMs(tries: number): number {
  return Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(tries, 10));
}

/** One line for the Temporal UI. */
export function describeImport({ phase }: ImportState): string {
  const words: Readonly<Record<ImportState['phase'], string>> = {
    reading: 'Lee el archivo y guarda sus filas',
    waiting: 'Espera su turno para leer el archivo',
    stored: 'Terminado: todas sus filas se leyeron',
    failed: 'El archivo no se pudo leer; la carga dice por qué',
    cancelled: 'Cancelado: no se guardó nada',
    gone: 'La carga ya no existe',
  };
  return words[phase];
}

/** Throws `Malformed`. */
export function parseImportFact(raw: unknown): ImportFact {
  const fields = new Fields(raw, 'message');
  const type = fields.oneOf('type', ['UploadRead', 'ReadFailed', 'CancelRequested', 'DeadlineReached']);
  if (type !== 'UploadRead') return { type };
  return { type, state: fields.oneOf('state', ['stored', 'failed', 'cancelled', 'gone', 'busy']) };
}
