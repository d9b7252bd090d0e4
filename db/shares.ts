/** An account has as many waiting as it may have, behind as many at work: it is asked to come again. */
export class AccountBusy extends Error {
  override readonly name = 'AccountBusy';

  constructor(accountId: string) {
    super(`account ${accountId} has too much under way at once`);
  }
}

export interface Share {
  /** Connections that one account may hold at once. */
  readonly atOnce: number;
  /** How many of it may wait for one. */
  readonly waiting: number;
}

interface Held {
  count: number;
  readonly waiting: (() => void)[];
}

/**
 * Shares of a pool by account: an account that has its share waits for itself, first come, first served, and never stands
 * before others. Without them one tenant's slow transactions, or many at once, hold every connection of a process.
 */
export class Shares {
  readonly #share: Share;
  readonly #held = new Map<string, Held>();

  constructor(share: Share) {
    this.#share = share;
  }

  /** Waits for a place, and answers how it is given back, once. Rejects with `AccountBusy` when too many wait already. */
  async take(accountId: string): Promise<() => void> {
    const held = this.#held.get(accountId) ?? { count: 0, waiting: [] };
    this.#held.set(accountId, held);
    if (held.count < this.#share.atOnce) held.count += 1;
    else if (held.waiting.length >= this.#share.waiting) throw new AccountBusy(accountId);
    // The place of whoever leaves is handed on: nobody who comes in between can take it.
    else await new Promise<void>((resolve) => held.waiting.push(resolve));
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const next = held.waiting.shift();
      if (next !== undefined) return next();
      held.count -= 1;
      if (held.count === 0) this.#held.delete(accountId);
    };
  }
}
