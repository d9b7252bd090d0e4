import { condition } from '@temporalio/workflow';
import type { Alarm } from './alarm.ts';

interface Later<Fact> {
  readonly fact: Fact;
  readonly atMs: number;
}

/**
 * Facts in the order of their arrival, taken one at a time. Handlers put, the loop takes; nothing is decided in a
 * handler.
 */
export class Mailbox<Fact> {
  #waiting: Fact[] = [];
  #later: Later<Fact>[] = [];
  #put = 0;
  #taken = 0;

  /** Returns a ticket: see `whenTaken`. */
  put(fact: Fact): number {
    this.#waiting.push(fact);
    this.#put += 1;
    return this.#put;
  }

  /** For simulated providers: a fact that becomes true at an instant of the workflow's own clock. */
  putAt(atMs: number, fact: Fact): void {
    this.#later.push({ fact, atMs });
    this.#later.sort((a, b) => a.atMs - b.atMs);
  }

  /** The next fact, or undefined when there is none now. A fact counts as taken when `take` is called again. */
  take(): Fact | undefined {
    this.#taken = this.#put - this.#waiting.length;
    return this.#waiting.shift();
  }

  /** Resolves when the fact of that ticket has been worked on. */
  async whenTaken(ticket: number): Promise<void> {
    await condition(() => this.#taken >= ticket);
  }

  /**
   * Waits until there is a fact, or until the deadline; null waits for a fact only, and leaves the alarm as it is. True:
   * the deadline came. Without an alarm each wait has a timer of its own, as runs before version 3 have.
   */
  async waitUntil(deadlineAtMs: number | null, summary: string, alarm: Alarm | undefined): Promise<boolean> {
    const soonest = this.#later[0];
    const wakeAtMs = Math.min(deadlineAtMs ?? Infinity, soonest?.atMs ?? Infinity);
    const hasFact = (): boolean => this.#waiting.length > 0;
    if (wakeAtMs === Infinity) {
      await condition(hasFact);
      return false;
    }
    if (alarm === undefined) {
      // A time-out of 0 means "do not wait" to the SDK, and a negative one is an error. Asked by its answer and not by
      // the mailbox: a fact that came with the timer does not undo it in the histories that are on record.
      if (await condition(hasFact, Math.max(1, wakeAtMs - Date.now()), { summary })) return false;
      return this.#cameByClock(soonest);
    }
    alarm.arm(wakeAtMs, summary);
    await condition(() => hasFact() || !alarm.isArmed);
    return !hasFact() && this.#cameByClock(soonest);
  }

  /** After a timer: false when it brought a fact, true when it was the deadline. */
  #cameByClock(soonest: Later<Fact> | undefined): boolean {
    if (soonest === undefined || soonest.atMs > Date.now()) return true;
    this.#later.shift();
    this.put(soonest.fact);
    return false;
  }
}
