const firstRoom = 1_024;

/**
 * Things that happen at instants, the soonest first; what was put first comes first among equals. Instants are kept apart
 * from what happens: a forecast compares them hundreds of millions of times.
 */
export class Heap<T> {
  #times = new Float64Array(firstRoom);
  #orders = new Float64Array(firstRoom);
  readonly #items: T[] = [];
  #put = 0;

  /** When the next thing happens; Infinity when nothing does. */
  get nextAtMs(): number {
    return this.#items.length === 0 ? Infinity : (this.#times[0] ?? Infinity);
  }

  put(atMs: number, item: T): void {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    if (hole === this.#times.length) this.#grow();
    const order = this.#put;
    this.#put += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#isBefore(parent, atMs, order)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#set(hole, atMs, order, item);
  }

  take(): { readonly atMs: number; readonly item: T } | undefined {
    const items = this.#items;
    const item = items[0];
    const last = items.pop();
    if (item === undefined || last === undefined) return undefined;
    const atMs = this.#times[0] ?? 0;
    const size = items.length;
    if (size > 0) this.#sink(last, this.#times[size] ?? 0, this.#orders[size] ?? 0);
    return { atMs, item };
  }

  /** Finds the place of what stood last, from the top. */
  #sink(item: T, atMs: number, order: number): void {
    const size = this.#items.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      const right = child + 1;
      if (right < size && this.#isBefore(right, this.#times[child] ?? 0, this.#orders[child] ?? 0))
        child = right;
      if (!this.#isBefore(child, atMs, order)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#set(hole, atMs, order, item);
  }

  #isBefore(index: number, atMs: number, order: number): boolean {
    const time = this.#times[index] ?? 0;
    return time < atMs || (time === atMs && (this.#orders[index] ?? 0) < order);
  }

  #move(from: number, to: number): void {
    const item = this.#items[from];
    if (item === undefined) return;
    this.#set(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, item);
  }

  #set(index: number, atMs: number, order: number, item: T): void {
    this.#times[index] = atMs;
    this.#orders[index] = order;
    this.#items[index] = item;
  }

  #grow(): void {
    const [times, orders] = [this.#times, this.#orders];
    this.#times = new Float64Array(times.length * 2);
    this.#orders = new Float64Array(times.length * 2);
    this.#times.set(times);
    this.#orders.set(orders);
  }
}
