import { Agenda } from './heap.ts';

/** The lines of a pool: who holds one, and who waits; first calls behind the others, then whose turn came first. */
export class Lines<T> {
  readonly #count: number;
  readonly #waiting = [new Agenda<T>(), new Agenda<T>()] as const;
  #busy = 0;
  #peak = 0;

  constructor(count: number) {
    this.#count = count;
  }

  /** Most that were held at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Takes a free line; false when there is none. */
  take(): boolean {
    if (this.#busy >= this.#count) return false;
    this.#busy += 1;
    this.#peak = Math.max(this.#peak, this.#busy);
    return true;
  }

  wait(priority: 0 | 1, atMs: number, who: T): void {
    this.#waiting[priority].put(atMs, who);
  }

  /** Gives a line back, and answers who is to have it next. Whoever `isReady` denies waits no more. */
  free(isReady: (who: T) => boolean): T | undefined {
    this.#busy -= 1;
    for (const queue of this.#waiting) {
      for (let next = queue.take(); next !== undefined; next = queue.take()) {
        if (isReady(next.item)) return next.item;
      }
    }
    return undefined;
  }
}
