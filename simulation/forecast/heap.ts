/** Things that happen at instants, the soonest first; what was put first comes first among equals. */
export class Agenda<T> {
  #items: { readonly atMs: number; readonly order: number; readonly item: T }[] = [];
  #put = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the next thing happens; Infinity when nothing does. */
  get nextAtMs(): number {
    return this.#items[0]?.atMs ?? Infinity;
  }

  put(atMs: number, item: T): void {
    const items = this.#items;
    const entry = { atMs, order: this.#put, item };
    this.#put += 1;
    let hole = items.length;
    items.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent];
      if (above === undefined || isBefore(above, entry)) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = entry;
  }

  take(): { readonly atMs: number; readonly item: T } | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      const left = items[child];
      if (left === undefined) break;
      const right = items[child + 1];
      if (right !== undefined && isBefore(right, left)) child += 1;
      const lower = items[child];
      if (lower === undefined || isBefore(last, lower)) break;
      items[hole] = lower;
      hole = child;
    }
    items[hole] = last;
    return first;
  }
}

interface Ordered {
  readonly atMs: number;
  readonly order: number;
}

function isBefore(one: Ordered, other: Ordered): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
