import { quantile } from '../lib/pairs.ts';
import { accounts, type Size } from './load.ts';

/** What one contender did in one run, counted from outside. */
export interface Outcome {
  /** Share of the window in which a line was busy, by the planned length of its calls; what is beyond the lines is no use. */
  readonly use: number;
  /** Most calls at once beyond the lines. */
  readonly overshoot: number;
  /** Of the line time of accounts that waited for all of the window: 1 is even, 1/20 is all to one. */
  readonly jain: number;
  /** From the end of a call to the next grant, at the contender. */
  readonly grantP95Ms: number;
  /** From the end of a call to the next caller's dial. */
  readonly dialP95Ms: number;
  readonly calls: number;
}

/** Counts lines in use by what callers do, not by what the scheduler says of itself. */
export class Recorder {
  readonly #size: Size;
  readonly #fromMs: number;
  readonly #untilMs: number;
  readonly #nowMs: () => number;
  readonly #busyMs: number[] = Array.from({ length: accounts }, () => 0);
  /** When the count of calls changes in the window, and by how much. */
  readonly #changes: { readonly atMs: number; readonly by: 1 | -1 }[] = [];
  readonly #grantWaits: number[] = [];
  readonly #dialWaits: number[] = [];
  readonly #freeForGrant: number[] = [];
  readonly #freeForDial: number[] = [];
  #live = 0;
  #most = 0;
  #calls = 0;

  constructor(size: Size, startMs: number, nowMs: () => number) {
    this.#size = size;
    this.#nowMs = nowMs;
    this.#fromMs = startMs + size.fillMs;
    this.#untilMs = this.#fromMs + size.windowMs;
  }

  get endMs(): number {
    return this.#untilMs;
  }

  /** The line that has been free for longest is taken for the one that was granted. */
  granted(): void {
    this.#take(this.#freeForGrant, this.#grantWaits);
  }

  dialled(account: number, callMs: number): void {
    const nowMs = this.#nowMs();
    this.#take(this.#freeForDial, this.#dialWaits);
    this.#live += 1;
    if (this.#live > this.#most) this.#most = this.#live;
    // Its planned length: a scheduler that is slow to take a line back would look busy.
    const [fromMs, untilMs] = [Math.max(this.#fromMs, nowMs), Math.min(this.#untilMs, nowMs + callMs)];
    if (untilMs > fromMs) {
      this.#busyMs[account] = (this.#busyMs[account] ?? 0) + untilMs - fromMs;
      this.#changes.push({ atMs: fromMs, by: 1 }, { atMs: untilMs, by: -1 });
    }
    if (nowMs >= this.#fromMs && nowMs < this.#untilMs) this.#calls += 1;
  }

  /** Just before the scheduler is told that the call is over. */
  hungUp(): void {
    this.#live -= 1;
  }

  /** The scheduler knows that the line is free. */
  released(): void {
    const nowMs = this.#nowMs();
    this.#freeForGrant.push(nowMs);
    this.#freeForDial.push(nowMs);
  }

  outcome(): Outcome {
    const inAll = this.#busyMs.reduce((sum, busyMs) => sum + busyMs, 0);
    const squares = this.#busyMs.reduce((sum, busyMs) => sum + busyMs * busyMs, 0);
    return {
      use: this.#usedMs() / (this.#size.lines * this.#size.windowMs),
      overshoot: Math.max(0, this.#most - this.#size.lines),
      jain: (inAll * inAll) / (accounts * squares),
      grantP95Ms: quantile(this.#grantWaits, 0.95),
      dialP95Ms: quantile(this.#dialWaits, 0.95),
      calls: this.#calls,
    };
  }

  #usedMs(): number {
    let [usedMs, live, sinceMs] = [0, 0, this.#fromMs];
    for (const { atMs, by } of this.#changes.toSorted((one, other) => one.atMs - other.atMs)) {
      usedMs += Math.min(live, this.#size.lines) * (atMs - sinceMs);
      [live, sinceMs] = [live + by, atMs];
    }
    return usedMs;
  }

  #take(free: number[], waits: number[]): void {
    const nowMs = this.#nowMs();
    const sinceMs = free.shift();
    if (sinceMs !== undefined && nowMs >= this.#fromMs && nowMs < this.#untilMs) waits.push(nowMs - sinceMs);
  }
}
