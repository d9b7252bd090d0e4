import type { SpanContext } from '@opentelemetry/api';
import { sql } from 'kysely';
import { type Database, type Db, inAccount, type Trx } from '../db/client.ts';
import { currentSpan } from './context.ts';
import { formatTraceparent, parseTraceparent, spanIdOf } from './tracing.ts';

type Carrier = 'core.import' | 'core.batch';

/** Writes the running span into a row, in the transaction that makes it, for whoever works on it later. Nothing where tracing is off. */
export async function keepTraceIn(trx: Trx, carrier: Carrier, id: string): Promise<void> {
  const span = currentSpan();
  if (span === undefined) return;
  // The first one stays: a repeated request is not where it came from.
  await sql`update ${sql.table(carrier)} set traceparent = coalesce(traceparent, ${formatTraceparent(span)})
             where id = ${id}`.execute(trx);
}

async function readTrace(db: Db, carrier: Carrier, id: string): Promise<SpanContext | undefined> {
  const { rows } = await sql<{ traceparent: string | null }>`
    select traceparent from ${sql.table(carrier)} where id = ${id}`.execute(db);
  return parseTraceparent(rows[0]?.traceparent);
}

export async function traceOfImport(
  app: Database,
  accountId: string,
  importId: string,
): Promise<SpanContext | undefined> {
  return inAccount(app, accountId, (trx) => readTrace(trx, 'core.import', importId));
}

/** Batches whose trace is remembered; an older one is read again. */
const rememberedBatches = 1_000;

/** Where a batch came from. Read once a batch and process; a failure costs the parent, never the work. */
export function batchTraces(system: Database): (batchId: string) => Promise<SpanContext | undefined> {
  const known = new Map<string, Promise<SpanContext | undefined>>();
  return (batchId) => {
    const before = known.get(batchId);
    if (before !== undefined) return before;
    const found = readTrace(system, 'core.batch', batchId).catch(() => undefined);
    known.set(batchId, found);
    const [oldest] = known.keys();
    if (known.size > rememberedBatches && oldest !== undefined) known.delete(oldest);
    return found;
  };
}

/** The dial of an attempt, in whatever process it ran: its span's id is made from the attempt's. */
export function dialOf(batch: SpanContext | undefined, attemptId: string): SpanContext | undefined {
  return batch === undefined ? undefined : { ...batch, spanId: spanIdOf(`dial:${attemptId}`) };
}

/** The same for the API, which knows an attempt and not its batch yet. */
export async function traceOfAttempt(
  app: Database,
  accountId: string,
  attemptId: string,
): Promise<SpanContext | undefined> {
  const { rows } = await inAccount(app, accountId, (trx) =>
    sql<{ traceparent: string | null }>`
      select b.traceparent from operation.attempt a join core.batch b on b.id = a.batch_id
       where a.id = ${attemptId}`.execute(trx),
  );
  return dialOf(parseTraceparent(rows[0]?.traceparent), attemptId);
}
