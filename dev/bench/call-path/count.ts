import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

/** The steps of one call, in their order. */
export const PHASES = ['grant', 'relay', 'gate', 'dial', 'end', 'turn', 'other'] as const;
export type Phase = (typeof PHASES)[number];

/** One statement as it went to the server. */
export interface Counted {
  readonly phase: Phase;
  readonly text: string;
}

export interface Counts {
  readonly statements: Readonly<Record<Phase, number>>;
  readonly transactions: Readonly<Record<Phase, number>>;
}

/** A step may pass into the next one while it runs: a dial is a gate until its POST has left. */
interface Step {
  phase: Phase;
}

/** `begin`, its `set local`, `commit` and `rollback` are counted as transactions, not as statements. */
const bracket = /^\s*(?:begin|commit|rollback)\b/i;
const opening = /^\s*begin\b/i;

/**
 * Counts what the product sends to PostgreSQL, at the one door that everything leaves by: `pg.Client.query`. By step
 * and not by time or connection: each step runs under a name of its own, so statements of polls, of the test's own
 * questions and of steps that overlap are never mixed up. Outside of a step nothing is counted.
 */
export class StatementCounter {
  readonly #steps = new AsyncLocalStorage<Step>();
  #seen: Counted[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- applied to the client that was asked
  readonly #original = pg.Client.prototype.query;

  /** From now on; until `close`. */
  open(): void {
    const note = (first: unknown): void => this.#note(first);
    const original = this.#original;
    const query = function (this: pg.Client, ...args: readonly unknown[]): unknown {
      note(args[0]);
      return Reflect.apply(original, this, [...args]);
    };
    Object.defineProperty(pg.Client.prototype, 'query', { value: query, configurable: true, writable: true });
  }

  close(): void {
    Object.defineProperty(pg.Client.prototype, 'query', {
      value: this.#original,
      configurable: true,
      writable: true,
    });
  }

  /** Everything that `work` sends belongs to this step. */
  within<T>(phase: Phase, work: () => T): T {
    return this.#steps.run({ phase }, work);
  }

  /** The step that runs becomes another one. */
  passInto(phase: Phase): void {
    const step = this.#steps.getStore();
    if (step !== undefined) step.phase = phase;
  }

  /** Whether so many transactions of this kind have begun since the last `take`. */
  has(phase: Phase, times: number): boolean {
    return countsOf(this.#seen).transactions[phase] >= times;
  }

  /** What was counted since the last time, and begins anew. */
  take(): readonly Counted[] {
    const seen = this.#seen;
    this.#seen = [];
    return seen;
  }

  #note(first: unknown): void {
    const step = this.#steps.getStore();
    if (step === undefined) return;
    this.#seen.push({ phase: step.phase, text: textOf(first) });
  }
}

/** Transactions are those that were begun, and every statement that stands by itself is not told apart: there is none. */
export function countsOf(seen: readonly Counted[]): Counts {
  const per = (isCounted: (text: string) => boolean): Readonly<Record<Phase, number>> => {
    const of = (phase: Phase): number =>
      seen.filter((one) => one.phase === phase && isCounted(one.text)).length;
    return {
      grant: of('grant'),
      relay: of('relay'),
      gate: of('gate'),
      dial: of('dial'),
      end: of('end'),
      turn: of('turn'),
      other: of('other'),
    };
  };
  return {
    statements: per((text) => !bracket.test(text)),
    transactions: per((text) => opening.test(text)),
  };
}

export function sumOf(counts: Readonly<Record<Phase, number>>): number {
  return PHASES.reduce((sum, phase) => sum + counts[phase], 0);
}

function textOf(first: unknown): string {
  if (typeof first === 'string') return first;
  if (typeof first === 'object' && first !== null && 'text' in first) return String(first.text);
  return 'unknown';
}
