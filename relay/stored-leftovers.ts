import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { wantedKeys } from '../domain/recordings/queries.ts';
import type { ObjectStore } from '../domain/shared/object-port.ts';
import { type Loop, startLoop } from './loop.ts';

export interface LeftoverDeps {
  readonly system: Database;
  readonly store: ObjectStore;
  readonly logger: Logger;
}

const pauseSeconds = 3_600;
/** Whoever writes an object makes its row within minutes: what no row speaks of after a day nobody will. */
const leftAfterMs = 24 * 3_600_000;
const keysAtOnce = 500;
const prefixes = ['imports', 'recordings'];

/** Removes what writers that died left in the store: halves of objects, and objects of which no row speaks. */
export function startLeftoverSweeper(deps: LeftoverDeps): Loop {
  return startLoop('stored-leftovers', deps.logger, async (isStopping) => {
    const removed = await sweepLeftovers(deps, new Date(Date.now() - leftAfterMs));
    if (removed > 0) deps.logger.info({ removed }, 'leftovers were removed from the store');
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}

/** One round over what was last changed before an instant; returns how many went. */
export async function sweepLeftovers(deps: LeftoverDeps, before: Date): Promise<number> {
  let removed = await deps.store.removeUnfinished(before);
  for (const prefix of prefixes) {
    let portion: string[] = [];
    for await (const { key, changedAt } of deps.store.list(prefix)) {
      if (changedAt >= before) continue;
      portion.push(key);
      if (portion.length < keysAtOnce) continue;
      removed += await removeUnwanted(deps, portion);
      portion = [];
    }
    removed += await removeUnwanted(deps, portion);
  }
  return removed;
}

async function removeUnwanted({ system, store }: LeftoverDeps, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const wanted = await system.transaction().execute((trx) => wantedKeys(trx, keys));
  const left = keys.filter((key) => !wanted.has(key));
  for (const key of left) await store.remove(key);
  return left.length;
}
