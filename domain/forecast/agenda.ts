import { Heap } from './heap.ts';

interface Entry<T> {
  readonly atMs: number;
  readonly item: T;
}

/** Instants of one span of this length are sorted together, once, when the span begins. */
const spanMs = 60_000;

/**
 * Things that happen at instants, the soonest first; what was put first comes first among equals. A forecast has 100,000
 * of them at a time, most of them minutes or hours away: they are kept by span and sorted only when their span begins, and
 * only what is put into the span that runs goes through a heap.
 */
export class Agenda<T> {
  readonly #spans = new Map<number, Entry<T>[]>();
  /** Numbers of the spans that are in the map. */
  readonly #order = new Heap<number>();
  #running = -Infinity;
  #sorted: readonly Entry<T>[] = [];
  #next = 0;
  readonly #late = new Heap<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  put(atMs: number, item: T): void {
    this.#size += 1;
    const span = Math.floor(atMs / spanMs);
    if (span <= this.#running) return this.#late.put(atMs, item);
    const known = this.#spans.get(span);
    if (known !== undefined) {
      known.push({ atMs, item });
      return;
    }
    this.#spans.set(span, [{ atMs, item }]);
    this.#order.put(span, span);
  }

  take(): Entry<T> | undefined {
    if (this.#size === 0) return undefined;
    for (;;) {
      const entry = this.#sorted[this.#next];
      const lateMs = this.#late.nextAtMs;
      // What was sorted was put before the span began, and so before everything that came late.
      if (entry !== undefined && entry.atMs <= lateMs) {
        this.#next += 1;
        this.#size -= 1;
        return entry;
      }
      if (lateMs !== Infinity) {
        this.#size -= 1;
        return this.#late.take();
      }
      this.#beginSpan();
    }
  }

  #beginSpan(): void {
    const span = this.#order.take()?.item ?? Infinity;
    this.#running = span;
    this.#next = 0;
    // A stable sort: among equals the one that was put first stays first.
    this.#sorted = (this.#spans.get(span) ?? []).sort((one, other) => one.atMs - other.atMs);
    this.#spans.delete(span);
  }
}
