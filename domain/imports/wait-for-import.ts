import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, inAccount } from '../../db/client.ts';
import type { ImportState, TableFileState } from '../../db/schema/schema.ts';
import { readImport } from './queries.ts';
import { importState } from './queries-runs.ts';
import type { ImportAddress } from './imports.ts';

/** Looks: soon at first, as most files are read in a moment. */
const shortestPauseMs = 25;
const longestPauseMs = 250;

/** The import's row when it is over, or as it is when the time is up or the caller has gone. */
export async function waitForImport(
  app: Database,
  { accountId, importId }: ImportAddress,
  waitMs: number,
  signal: AbortSignal,
) {
  // By its key alone: the whole row has a thousand problems.
  const stateNow = () => inAccount(app, accountId, (trx) => importState(trx, importId));
  await waitUntilOver(stateNow, waitMs, signal);
  return inAccount(app, accountId, (trx) => readImport(trx, importId));
}

/** Returns when a file is neither waiting nor read, when the time is up, or when the caller has gone. */
export async function waitUntilOver(
  stateNow: () => Promise<ImportState | TableFileState | undefined>,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = performance.now() + waitMs;
  for (let pauseMs = shortestPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const state = await stateNow();
    const isUnderWay = state === 'waiting' || state === 'reading';
    if (!isUnderWay || signal.aborted || performance.now() >= untilMs) return;
    await sleep(Math.min(pauseMs, Math.max(0, untilMs - performance.now())));
  }
}
