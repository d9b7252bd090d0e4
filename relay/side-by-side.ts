import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Loop, startLoop } from './loop.ts';

/** What a loop takes from a queue in portions, and works on side by side. */
export interface SideBySide<Due extends { readonly account_id: string }> {
  readonly name: string;
  readonly logger: Logger;
  readonly atOnce: number;
  readonly ofAccount: number;
  readonly idleMs: number;
  take(options: {
    readonly limit: number;
    readonly ofAccount: number;
    readonly busy: readonly { readonly id: string; readonly left: number }[];
  }): Promise<readonly Due[]>;
  work(due: Due): Promise<void>;
}

/** Takes and works until it is stopped, and then ends what is under way. */
export function startSideBySide<Due extends { readonly account_id: string }>(of: SideBySide<Due>): Loop {
  const underWay = new Set<Promise<void>>();
  const ofAccount = new Map<string, number>();
  const add = (id: string, by: 1 | -1): void => {
    ofAccount.set(id, (ofAccount.get(id) ?? 0) + by);
    if (ofAccount.get(id) === 0) ofAccount.delete(id);
  };
  const begin = (due: Due): void => {
    add(due.account_id, 1);
    const working: Promise<void> = of
      .work(due)
      // Not written down: it is due again after its claim.
      .catch((error: unknown) => of.logger.warn({ err: error, loop: of.name }, 'work was not written down'))
      .finally(() => {
        add(due.account_id, -1);
        underWay.delete(working);
      });
    underWay.add(working);
  };
  const loop = startLoop(of.name, of.logger, async (isStopping) => {
    const limit = of.atOnce - underWay.size;
    const busy = [...ofAccount].map(([id, many]) => ({ id, left: of.ofAccount - many }));
    const taken = limit > 0 ? await of.take({ limit, ofAccount: of.ofAccount, busy }) : [];
    for (const due of taken) begin(due);
    if (taken.length > 0 && underWay.size < of.atOnce) return;
    const pause = new AbortController();
    const idle = sleep(of.idleMs, undefined, { signal: pause.signal }).catch(() => undefined);
    if (!isStopping()) await Promise.race([idle, ...underWay]);
    pause.abort();
  });
  return {
    async stop() {
      await loop.stop();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
