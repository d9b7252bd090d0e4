import { Fields } from '../../domain/shared/rules/read-value.ts';

export interface RehearsalState {
  readonly groupSize: number;
  /** In the order of the file; null: not read yet. */
  readonly contactIds: readonly string[] | null;
  readonly started: number;
  readonly closed: number;
  /** Instant of the rehearsal's own clock at which the last contact closed. */
  readonly endedAtMs: number;
  readonly isCancelled: boolean;
  /** A contact, or the list of them, that could not be lived: the rehearsal proves nothing. */
  readonly hasFailed: boolean;
}

export type RehearsalFact =
  | { readonly type: 'ContactsListed'; readonly contactIds: readonly string[] }
  | { readonly type: 'ContactClosed'; readonly closedAtMs: number }
  | { readonly type: 'RehearsalFailed' }
  | { readonly type: 'CancelRequested' }
  | { readonly type: 'DeadlineReached' };

export type RehearsalCommand =
  | { readonly type: 'ListContacts' }
  | {
      readonly type: 'LiveContact';
      readonly contactId: string;
      /** When its place in the day's group became free; null: from the start. */
      readonly afterMs: number | null;
    };

interface Decision {
  readonly state: RehearsalState;
  readonly commands: readonly RehearsalCommand[];
}

export function openRehearsal(groupSize: number, startsAtMs: number): Decision {
  const state: RehearsalState = {
    groupSize,
    contactIds: null,
    started: 0,
    closed: 0,
    endedAtMs: startsAtMs,
    isCancelled: false,
    hasFailed: false,
  };
  return { state, commands: [{ type: 'ListContacts' }] };
}

/** Each place of the day's group is a lane: who closes gives it to the next person from the next morning on. Pure. */
export function decideRehearsal(
  state: RehearsalState,
  event: RehearsalFact & { readonly atMs: number },
): Decision {
  switch (event.type) {
    case 'ContactsListed':
      return start({ ...state, contactIds: event.contactIds }, state.groupSize, null);
    case 'ContactClosed': {
      const { closedAtMs } = event;
      const closed = state.closed + 1;
      const endedAtMs = Math.max(state.endedAtMs, closedAtMs);
      return start({ ...state, closed, endedAtMs }, 1, closedAtMs);
    }
    case 'RehearsalFailed':
      return { state: { ...state, hasFailed: true }, commands: [] };
    case 'CancelRequested':
      return { state: { ...state, isCancelled: true }, commands: [] };
    case 'DeadlineReached':
      return { state, commands: [] };
    default: {
      const unreachable: never = event;
      return unreachable;
    }
  }
}

function start(state: RehearsalState, places: number, afterMs: number | null): Decision {
  const next = (state.contactIds ?? []).slice(state.started, state.started + places);
  return {
    state: { ...state, started: state.started + next.length },
    commands: next.map((contactId) => ({ type: 'LiveContact', contactId, afterMs })),
  };
}

/** Throws `Malformed`. */
export function parseRehearsalFact(raw: unknown): RehearsalFact {
  const fields = new Fields(raw, 'message');
  const type = fields.oneOf('type', [
    'ContactsListed',
    'ContactClosed',
    'RehearsalFailed',
    'CancelRequested',
    'DeadlineReached',
  ]);
  switch (type) {
    case 'ContactsListed':
      return { type, contactIds: fields.ids('contactIds') };
    case 'ContactClosed':
      return { type, closedAtMs: fields.number('closedAtMs') };
    default:
      return { type };
  }
}
