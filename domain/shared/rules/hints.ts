import type { EventType } from './events.ts';

/** What may have changed besides what events tell: a reason to look again, and no more. */
export const HINT_TYPES = [
  'batch.changed',
  'contact.changed',
  'balance.changed',
  'task.changed',
  'import.progress',
  'rehearsal.progress',
  'alert.raised',
] as const;

export type HintType = (typeof HINT_TYPES)[number];

/** Something may have been missed: look at everything again. */
export const RESET = 'reset';

export interface Hint {
  readonly type: HintType;
  readonly accountId: string;
  readonly subject: string;
}

/** The name under which a hint gives its id. The balance has none: it is the account's. */
export const hintIds: Readonly<Record<HintType, string | undefined>> = {
  'batch.changed': 'batch_id',
  'contact.changed': 'batch_id',
  'balance.changed': undefined,
  'task.changed': 'task_id',
  'import.progress': 'import_id',
  'rehearsal.progress': 'rehearsal_id',
  'alert.raised': 'alert_id',
};

export type StreamedType = EventType | HintType | typeof RESET;

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const form = new RegExp(`^(\\S+) (${uuid}) (${uuid})$`);

export function isHintType(text: string): text is HintType {
  return HINT_TYPES.some((type) => type === text);
}

/** A hint as a trigger says it. Undefined: it is none, and anybody who may speak to the database can have said it. */
export function parseHint(payload: string): Hint | undefined {
  const [, type = '', accountId = '', subject = ''] = form.exec(payload) ?? [];
  return isHintType(type) ? { type, accountId, subject } : undefined;
}

/**
 * Ids that an event may show to everybody of its account. `external_id` is not among them: it is the sender's own, and may hold
 * whatever they put there.
 */
const shownIds = [
  'contact_id',
  'batch_id',
  'attempt_id',
  'agreement_id',
  'payment_id',
  'of_payment_id',
  'person_id',
  'request_id',
  'task_id',
  'link_id',
] as const;

/** The ids of an event's data. */
export function idsOf(data: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    shownIds.flatMap((name) => {
      const id = data[name];
      return typeof id === 'string' ? [[name, id]] : [];
    }),
  );
}

/** Hints that wait to be told: each once, and the same again only so long after it. */
export interface WaitingHints {
  add(hint: Hint): void;
  /** Takes out what may be told now. */
  take(nowMs: number): readonly Hint[];
  /** Puts back what could not be told. */
  putBack(hints: readonly Hint[]): void;
  /** How long until there is something to take; undefined: there is nothing. */
  dueInMs(nowMs: number): number | undefined;
  readonly size: number;
  clear(): void;
}

/** `apartMs`: the shortest time between two hints of the same. */
export function createWaitingHints(apartMs: number): WaitingHints {
  const waiting = new Map<string, Hint>();
  const toldAtMs = new Map<string, number>();
  const nameOf = ({ type, accountId, subject }: Hint): string => `${type} ${accountId} ${subject}`;
  const waitMs = (name: string, nowMs: number): number => {
    const told = toldAtMs.get(name);
    // A clock that went back must not hold a hint for as long as it went.
    return told === undefined || told > nowMs ? 0 : Math.max(0, told + apartMs - nowMs);
  };
  return {
    add: (hint) => void waiting.set(nameOf(hint), hint),
    take(nowMs) {
      for (const [name, told] of toldAtMs) if (told + apartMs <= nowMs || told > nowMs) toldAtMs.delete(name);
      const due = [...waiting].filter(([name]) => waitMs(name, nowMs) === 0);
      for (const [name] of due) {
        waiting.delete(name);
        toldAtMs.set(name, nowMs);
      }
      return due.map(([, hint]) => hint);
    },
    putBack(hints) {
      for (const hint of hints) {
        waiting.set(nameOf(hint), hint);
        toldAtMs.delete(nameOf(hint));
      }
    },
    dueInMs(nowMs) {
      const waits = [...waiting.keys()].map((name) => waitMs(name, nowMs));
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
    get size() {
      return waiting.size;
    },
    clear: () => waiting.clear(),
  };
}
