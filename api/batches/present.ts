import type { z } from '@hono/zod-openapi';
import {
  type BatchListRow,
  type BatchNumbers,
  findBatch,
  numbersOf,
} from '../../domain/batches/queries-list.ts';
import type { Trx } from '../../db/client.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { presentMoney } from '../money.ts';
import type { batchSchema } from './schemas.ts';

export type BatchJson = z.infer<typeof batchSchema>;

export function presentBatch(row: BatchListRow, numbers: BatchNumbers): BatchJson {
  const byState = {
    // Who is still to come waits for their day as well: a progress without them would say that all is done.
    planned: numbers.toCome,
    waiting: 0,
    suspended: 0,
    calling: 0,
    negotiating: 0,
    paused: 0,
    closed: 0,
  };
  const byOutcome: Record<string, number> = {};
  let contacts = numbers.toCome;
  for (const { state, outcome, contacts: some } of numbers.states) {
    contacts += some;
    byState[state] += some;
    if (outcome !== null) byOutcome[outcome] = (byOutcome[outcome] ?? 0) + some;
  }
  return {
    id: row.id,
    name: row.name,
    use_case: row.use_case,
    state: row.state,
    policy: `${row.policy_key}@${row.policy_version}`,
    pack: `${row.pack_key}@${row.pack_version}`,
    pool: row.pool_key,
    import_id: row.import_id,
    group_size: row.group_size,
    zone: row.zone,
    created_at: row.created_at.toISOString(),
    finished_at: row.finished_at?.toISOString() ?? null,
    progress: {
      contacts,
      closed: byState.closed,
      to_come: numbers.toCome,
      by_state: byState,
      by_outcome: byOutcome,
      lines_in_use: numbers.linesInUse,
      attempts: numbers.attempts,
      refusals: numbers.refusals,
    },
    cost: {
      charged: numbers.charged.map(({ unit, micros }) => presentMoney(micros, unit)),
      provider: presentMoney(numbers.providerMicros, 'USD'),
    },
  };
}

/** A batch of the transaction's account, with its numbers. Throws `OperationRefused` when it is not there. */
export async function readBatchJson(trx: Trx, batchId: string): Promise<BatchJson> {
  const row = await findBatch(trx, batchId);
  if (row === undefined) throw refuse('batch_not_found');
  return presentBatch(row, (await numbersOf(trx, [batchId]))(batchId));
}
