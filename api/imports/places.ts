import { problem } from '../problems.ts';

/** Places for work that only some may do at once: each account has its own, so that nobody fills all of them. */
export class Places {
  readonly #taken = new Map<string, number>();
  readonly #most: { readonly ofAccount: number; readonly ofAll: number };
  #all = 0;

  constructor(most: { readonly ofAccount: number; readonly ofAll: number }) {
    this.#most = most;
  }

  /** Throws `Problem` (503, with `Retry-After`) when no place is left. */
  async during<T>(accountId: string, work: () => Promise<T>): Promise<T> {
    const own = this.#taken.get(accountId) ?? 0;
    if (own >= this.#most.ofAccount || this.#all >= this.#most.ofAll) {
      throw problem('too_many_uploads', {}, { headers: { 'retry-after': '10' } });
    }
    this.#take(accountId, 1);
    try {
      return await work();
    } finally {
      this.#take(accountId, -1);
    }
  }

  #take(accountId: string, by: 1 | -1): void {
    const left = (this.#taken.get(accountId) ?? 0) + by;
    if (left === 0) this.#taken.delete(accountId);
    else this.#taken.set(accountId, left);
    this.#all += by;
  }
}
