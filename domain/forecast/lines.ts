/** The lines of a pool: who holds one, and who waits; first calls behind the others, then whose turn came first. */
export class Lines<T> {
  readonly #count: number;
  /** In the order of their turns, which is the order in which they come. */
  readonly #waiting = [new Queue<T>(), new Queue<T>()] as const;
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

  wait(priority: 0 | 1, who: T): void {
    this.#waiting[priority].put(who);
  }

  /** Gives a line back, and answers who is to have it next. Whoever `isReady` denies waits no more. */
  free(isReady: (who: T) => boolean): T | undefined {
    this.#busy -= 1;
    for (const queue of this.#waiting) {
      for (let next = queue.take(); next !== undefined; next = queue.take()) {
        if (isReady(next)) return next;
      }
    }
    return undefined;
  }
}

/** How many taken places are kept before the list is cut. */
const longestTail = 4_096;

class Queue<T> {
  #items: T[] = [];
  #head = 0;

  put(item: T): void {
    this.#items.push(item);
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > longestTail && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
