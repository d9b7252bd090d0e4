/**
 * Faults by switch. A fault waits for the next creates or webhooks that it matches, `times` of them (default 1,
 * `'always'` until it is removed). Faults live in memory: a restarted fake has none.
 */
import { asJson, keep } from './validate.ts';

/** What goes wrong with a POST. */
export type CreateFaultKind =
  | 'error_after_placed' // 500, and the call rings
  | 'timeout_after_placed' // no answer at all, and the call rings
  | 'dropped_then_placed' // the connection drops at once; the call is placed `ms` later (default 60 s)
  | 'error_not_placed' // 500, and nothing else
  | 'hang_not_placed' // no answer at all, and no call either
  | 'no_credit' // 402
  | 'rate_limited' // 429
  | 'number_refused' // 422: this number is none to the provider
  | 'slow' // `ms` before anything happens (default 5 s)
  | 'stuck_registered'; // placed, and `registered` for ever

/** What goes wrong with a webhook; `event` narrows it to one. */
export type WebhookFaultKind =
  | 'lose_webhook'
  | 'duplicate_webhook' // `copies` more (default 1)
  | 'delay_webhook' // `ms` later (default 5 s)
  | 'reorder_webhooks'; // `call_ended` only after `call_analyzed` was delivered

/** What goes wrong with a question about calls: a 500 for get-call or list-calls. */
export type ReadFaultKind = 'error_on_read';

/** What goes wrong with a recording, or with taking a call away. */
export type MediaFaultKind =
  | 'recording_error' // 500
  | 'recording_expired' // 403, as a link after its day
  | 'recording_moved' // a redirect into somebody's own network
  | 'recording_cut' // the connection ends before the file does
  | 'error_on_delete' // 500
  | 'slow_delete'; // taken, and not done yet

export type FaultKind = CreateFaultKind | WebhookFaultKind | ReadFaultKind | MediaFaultKind;

export interface Fault {
  readonly kind: FaultKind;
  readonly times?: number | 'always';
  readonly attemptId?: string;
  readonly toNumber?: string;
  readonly accountId?: string;
  readonly event?: string;
  readonly ms?: number;
  readonly copies?: number;
}

export interface ActiveFault extends Fault {
  readonly id: string;
  /** How many times it still works. */
  readonly left: number | 'always';
}

export interface FaultTarget {
  readonly attemptId?: string | undefined;
  readonly toNumber?: string | undefined;
  readonly accountId?: string | undefined;
  readonly event?: string | undefined;
}

export interface Faults {
  add(fault: Fault): ActiveFault;
  remove(id: string): boolean;
  clear(): void;
  list(): readonly ActiveFault[];
  /** The oldest fault of these kinds that matches, used up by one. */
  take(kinds: readonly FaultKind[], target: FaultTarget): ActiveFault | undefined;
}

const KINDS: readonly FaultKind[] = [
  'error_after_placed',
  'timeout_after_placed',
  'dropped_then_placed',
  'error_not_placed',
  'hang_not_placed',
  'no_credit',
  'rate_limited',
  'number_refused',
  'slow',
  'stuck_registered',
  'lose_webhook',
  'duplicate_webhook',
  'delay_webhook',
  'reorder_webhooks',
  'error_on_read',
  'recording_error',
  'recording_expired',
  'recording_moved',
  'recording_cut',
  'error_on_delete',
  'slow_delete',
];

export function createFaults(): Faults {
  let active: ActiveFault[] = [];
  let added = 0;
  return {
    add(fault) {
      added += 1;
      const entry = { ...fault, id: `fault_${String(added)}`, left: fault.times ?? 1 };
      active.push(entry);
      return entry;
    },
    remove(id) {
      const before = active.length;
      active = active.filter((fault) => fault.id !== id);
      return active.length < before;
    },
    clear() {
      active = [];
    },
    list: () => active,
    take(kinds, target) {
      const found = active.find((fault) => kinds.includes(fault.kind) && matches(fault, target));
      if (found === undefined || found.left === 'always') return found;
      const left = found.left - 1;
      active = active.flatMap((fault) => (fault !== found ? [fault] : left > 0 ? [{ ...found, left }] : []));
      return found;
    },
  };
}

function matches(fault: Fault, target: FaultTarget): boolean {
  return (
    (fault.attemptId === undefined || fault.attemptId === target.attemptId) &&
    (fault.toNumber === undefined || fault.toNumber === target.toNumber) &&
    (fault.accountId === undefined || fault.accountId === target.accountId) &&
    (fault.event === undefined || fault.event === target.event)
  );
}

/** Reads a fault from the control API; undefined when a field has a wrong type or the kind is not known. */
export function parseFault(raw: unknown): Fault | undefined {
  const body = asJson(raw);
  const kind = KINDS.find((name) => name === body?.['kind']);
  if (body === undefined || kind === undefined) return undefined;
  const { times, attemptId, toNumber, accountId, event, ms, copies } = body;
  const textsAreTexts = [attemptId, toNumber, accountId, event].every(
    (value) => value === undefined || typeof value === 'string',
  );
  const numbersAreWhole = [ms, copies].every((value) => value === undefined || isWhole(value));
  if (!textsAreTexts || !numbersAreWhole) return undefined;
  const uses = times === 'always' || (isWhole(times) && times > 0) ? times : undefined;
  if (times !== undefined && uses === undefined) return undefined;
  return {
    kind,
    ...keep('times', uses),
    ...keep('attemptId', asText(attemptId)),
    ...keep('toNumber', asText(toNumber)),
    ...keep('accountId', asText(accountId)),
    ...keep('event', asText(event)),
    ...keep('ms', isWhole(ms) ? ms : undefined),
    ...keep('copies', isWhole(copies) ? copies : undefined),
  };
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
