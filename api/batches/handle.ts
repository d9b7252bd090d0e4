import type { z } from '@hono/zod-openapi';
import { type BatchAction, changeBatch, createBatch } from '../../domain/batches/batches.ts';
import { setBudget } from '../../domain/batches/budget.ts';
import { listBatches, numbersOf } from '../../domain/batches/queries-list.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { currentSpan, noteIds } from '../../observability/context.ts';
import { keepTraceIn, traceOfImport } from '../../observability/trace-rows.ts';
import { inSpan } from '../../observability/tracing.ts';
import type { ApiDeps } from '../deps.ts';
import { parseMicros } from '../money.ts';
import { problem } from '../problems.ts';
import { keyed, type KeyedRequest } from '../keyed.ts';
import { byId, pageOf } from '../page.ts';
import { type BatchJson, presentBatch, readBatchJson } from './present.ts';
import {
  type batchPageSchema,
  batchSchema,
  type budgetChangeSchema,
  type newBatchSchema,
} from './schemas.ts';

/** What the routes of batches do, by whichever path they are asked. */

export async function readBatchPage(
  { app }: ApiDeps,
  accountId: string,
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<z.infer<typeof batchPageSchema>> {
  return inAccount(app, accountId, async (trx) => {
    const { shown, next_cursor } = await pageOf(
      limit,
      (most) => listBatches(trx, { after: cursor, limit: most }),
      byId,
    );
    const numbers = await numbersOf(trx, shown.map(byId));
    const batches: BatchJson[] = [];
    // One after the other: a transaction has one connection.
    for (const row of shown) batches.push(await presentBatch(trx, row, numbers(row.id)));
    return { batches, next_cursor };
  });
}

export async function readOneBatch({ app }: ApiDeps, accountId: string, id: string): Promise<BatchJson> {
  return inAccount(app, accountId, (trx) => readBatchJson(trx, id));
}

export async function changeOneBatch(
  { app }: ApiDeps,
  caller: Caller,
  change: { readonly batchId: string; readonly action: BatchAction; readonly reason: string },
): Promise<BatchJson> {
  return inAccount(app, caller.accountId, async (trx) => {
    await changeBatch(trx, caller, change);
    return readBatchJson(trx, change.batchId);
  });
}

export async function changeBudget(
  { app }: ApiDeps,
  caller: Caller,
  batchId: string,
  body: z.output<typeof budgetChangeSchema>,
): Promise<BatchJson> {
  const { amount, unit, reason } = body;
  const limitMicros = amount === null ? null : microsOf(amount);
  return inAccount(app, caller.accountId, async (trx) => {
    await setBudget(trx, caller, { batchId, limitMicros, unit, reason });
    return readBatchJson(trx, batchId);
  });
}

function microsOf(amount: string): bigint {
  const micros = parseMicros(amount);
  if (micros === undefined) throw problem('amount_invalid', {}, { field: 'amount' });
  return micros;
}

/** Once per `Idempotency-Key`; the answer of a repeated request is that of the first. */
export async function makeBatch(
  deps: ApiDeps,
  caller: Caller,
  body: z.output<typeof newBatchSchema>,
  request: Pick<KeyedRequest, 'key' | 'method' | 'path'>,
): Promise<z.infer<typeof batchSchema>> {
  const { accountId } = caller;
  const answer = await keyed(deps, { accountId, ...request, content: body }, async (trx) => {
    const batchId = await createBatch(trx, caller, {
      importId: body.import_id,
      name: body.name,
      pack: body.pack,
      policy: body.policy,
      negotiation: body.negotiation,
      pool: body.pool,
      groupSize: body.group_size,
      budget:
        body.budget === undefined
          ? undefined
          : { limitMicros: microsOf(body.budget.amount), unit: body.budget.unit },
      settled: body.settled,
    });
    await keepTraceOf(deps, trx, { accountId, batchId, importId: body.import_id });
    return { status: 201, body: await readBatchJson(trx, batchId) };
  });
  return batchSchema.parse(answer.body);
}

/**
 * Part of the trace of its upload, which may be days old; the request is another trace that it has to do with. In the batch's own
 * transaction: whoever works on the batch reads its trace once.
 */
async function keepTraceOf(
  { app, tracing }: ApiDeps,
  trx: Trx,
  row: { readonly accountId: string; readonly batchId: string; readonly importId: string },
): Promise<void> {
  if (tracing?.tracer === undefined) return;
  noteIds({ batchId: row.batchId });
  const parent = await traceOfImport(app, row.accountId, row.importId);
  const link = currentSpan();
  await inSpan(tracing, 'start batch', parent === undefined ? {} : { parent, link }, () =>
    keepTraceIn(trx, 'core.batch', row.batchId),
  );
}
