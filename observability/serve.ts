import type { Database } from '../db/client.ts';
import { readDatabase } from './database-gauges.ts';
import { gaugesText, remembered } from './exposition.ts';
import type { Metrics } from './metrics.ts';
import type { ReadinessDeps } from './readiness.ts';
import { type SideServer, startSideServer } from './side-server.ts';

/** Where a process shows itself; port undefined: nowhere. */
export interface WatchAddress {
  readonly metricsHost: string;
  readonly metricsPort: number | undefined;
}

/** Figures are at most this old: what a scraper asks twice is asked of the database once. */
const freshMs = 5_000;

/** Adds what the database says to the page. Any worker may: they all say the same, so rules take the `max`. */
export function addDatabase(metrics: Metrics, system: Database): void {
  const read = async (): Promise<string> => gaugesText(await readDatabase(system));
  metrics.addSource('database', remembered(Date.now, freshMs, read));
}

export async function serveWatchers(
  { metricsHost, metricsPort }: WatchAddress,
  metrics: Metrics,
  readiness: ReadinessDeps,
): Promise<SideServer | undefined> {
  if (metricsPort === undefined) return undefined;
  const page = (): ReturnType<Metrics['page']> => metrics.page();
  return startSideServer({ host: metricsHost, port: metricsPort, readiness, metrics: page });
}
