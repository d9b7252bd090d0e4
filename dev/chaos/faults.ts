/** What chaos does to a stack, one entry a fault. Closed: whoever adds one adds how it is applied and how it reads. */

export const WORKERS = ['worker-1', 'worker-2'] as const;
export type WorkerName = (typeof WORKERS)[number];
export type PartName = WorkerName | 'api' | 'temporal' | 'postgres';

/** How the provider goes wrong with a POST, as the fake names it. */
export type DialFault =
  | 'rate_limited'
  | 'error_not_placed'
  | 'error_after_placed'
  | 'hang_not_placed'
  | 'timeout_after_placed'
  | 'dropped_then_placed'
  | 'slow';

export type WebhookFault = 'lose_webhook' | 'duplicate_webhook' | 'delay_webhook' | 'reorder_webhooks';

/** Of two workers: the one that gives lines out at that moment, or the other one. */
export type Victim = 'dispatcher' | 'other';

export type Fault =
  /** SIGKILL; the part is started again at once, as an orchestrator would. */
  | { readonly kind: 'kill'; readonly part: PartName }
  /** A worker's death to measure by: contacts wait, and nothing else goes wrong until lines should be in use again. */
  | { readonly kind: 'measured_death'; readonly victim: Victim }
  /** SIGSTOP for so long, with all its children, then SIGCONT. */
  | { readonly kind: 'pause'; readonly part: PartName; readonly forMs: number }
  /** The part's own stop signal, then started again. */
  | { readonly kind: 'restart'; readonly part: PartName }
  /** A new worker of a new build comes, an old one drains; then the other one likewise. */
  | { readonly kind: 'deploy' }
  /** The next `count` creates go wrong; `ms` for those that wait. */
  | { readonly kind: 'dials'; readonly how: DialFault; readonly count: number; readonly ms?: number }
  | { readonly kind: 'webhooks'; readonly how: WebhookFault; readonly count: number; readonly ms?: number }
  /** The next `count` questions to the provider about calls are answered with 500. */
  | { readonly kind: 'reads'; readonly count: number }
  /** The worker's wall clock is so far off, for so long. */
  | {
      readonly kind: 'clock';
      readonly part: WorkerName;
      readonly offsetMs: number;
      readonly forMs: number;
    }
  /** Every connection that PostgreSQL has left is taken, as tandas_app, for so long. */
  | { readonly kind: 'connections'; readonly forMs: number }
  /** A lock on the contacts' table for so long: every transaction of worker and API queues behind it. */
  | { readonly kind: 'stall'; readonly forMs: number }
  /** A second dispatcher for the same lines, without the lock: two at once, to the end of the run. */
  | { readonly kind: 'second_dispatcher' };

export interface PlannedFault {
  /** After the batch was started. */
  readonly atMs: number;
  readonly fault: Fault;
}

/** A fault as one reads it in the schedule. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'measured_death':
      return `${fault.kind} of the ${fault.victim === 'dispatcher' ? 'worker that dispatches' : 'other worker'}`;
    case 'kill':
    case 'restart':
      return `${fault.kind} ${fault.part}`;
    case 'pause':
      return `pause ${fault.part} for ${seconds(fault.forMs)}`;
    case 'deploy':
    case 'second_dispatcher':
      return fault.kind;
    case 'dials':
    case 'webhooks':
      return `${fault.how} ×${fault.count}${fault.ms === undefined ? '' : ` (${seconds(fault.ms)})`}`;
    case 'reads':
      return `error_on_read ×${fault.count}`;
    case 'clock':
      return `clock of ${fault.part} by ${seconds(fault.offsetMs)} for ${seconds(fault.forMs)}`;
    case 'connections':
    case 'stall':
      return `${fault.kind} for ${seconds(fault.forMs)}`;
    default: {
      const unreachable: never = fault;
      return unreachable;
    }
  }
}

/** `12 s`, `-3.5 s`. */
export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
