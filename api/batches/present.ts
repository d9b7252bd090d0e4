import type { z } from '@hono/zod-openapi';
import { DateTime } from 'luxon';
import { type Budget, leftOf, readBudgets } from '../../domain/billing/queries-budgets.ts';
import { firstCallFrom } from '../../domain/batches/preview-terms.ts';
import {
  type BatchListRow,
  type BatchNumbers,
  findBatch,
  numbersOf,
} from '../../domain/batches/queries-list.ts';
import { batchWords } from '../../domain/batches/rules/result-words.ts';
import { outcomeInWords } from '../../domain/contacts/rules/labels.ts';
import { databaseNow, type Trx } from '../../db/client.ts';
import { packOf, policyOf } from '../../domain/policy/definitions.ts';
import { packInWords, policyInWords } from '../../domain/policy/rules/rules-in-words.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { instantInWords } from '../../domain/shared/rules/written-instants.ts';
import { useCaseByKey } from '../../domain/usecases/registry.ts';
import { presentMoney } from '../money.ts';
import type { batchViewSchema } from './schemas.ts';

export type BatchJson = z.infer<typeof batchViewSchema>;

/** In the transaction of the batch's account. */
export async function presentBatch(trx: Trx, row: BatchListRow, numbers: BatchNumbers): Promise<BatchJson> {
  const budget = (await readBudgets(trx, [row.id])).get(row.id);
  const policy = await policyOf(trx, { key: row.policy_key, version: row.policy_version });
  const pack = await packOf(trx, { key: row.pack_key, version: row.pack_version });
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
  const nextCallAt = await nextCallOf(trx, row, numbers);
  return {
    id: row.id,
    name: row.name,
    use_case: row.use_case,
    state: row.state,
    state_es: batchWords[row.state],
    use_case_es: useCaseByKey(row.use_case)?.title.es ?? row.use_case,
    pack_es: packInWords(pack).es,
    policy_es: policyInWords(policy).es,
    budget: budget === undefined ? null : presentBudget(budget),
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
      next_call_at: nextCallAt?.toISOString() ?? null,
      next_call_es: nextCallAt === null ? null : instantInWords(row.zone, nextCallAt),
      outcomes: Object.entries(byOutcome)
        .toSorted(([, one], [, other]) => other - one)
        .map(([outcome, some]) => ({ outcome, outcome_es: outcomeInWords(outcome), contacts: some })),
    },
    cost: {
      charged: numbers.charged.map(({ unit, micros }) => presentMoney(micros, unit)),
      provider: presentMoney(numbers.providerMicros, 'USD'),
    },
  };
}

function presentBudget(budget: Budget): BatchJson['budget'] {
  const { unit, limitMicros, heldMicros, spentMicros } = budget;
  const left = leftOf(budget);
  if (limitMicros === null || left === null) return null;
  return {
    limit: presentMoney(limitMicros, unit),
    spent: presentMoney(spentMicros, unit),
    held: presentMoney(heldMicros, unit),
    left: presentMoney(left, unit),
  };
}

/** Of who waits for a call the earliest; where all of them are for another day, the first call of the next one. */
async function nextCallOf(trx: Trx, row: BatchListRow, numbers: BatchNumbers): Promise<Date | null> {
  if (row.state !== 'running') return null;
  const waiting = numbers.states.filter(({ state }) => state === 'waiting');
  const instants = waiting.flatMap(({ nextAt }) => (nextAt === null ? [] : [nextAt.getTime()]));
  if (instants.length > 0) return new Date(Math.min(...instants));
  const isAnybodyPlanned = numbers.toCome > 0 || numbers.states.some(({ state }) => state === 'planned');
  if (waiting.length > 0 || !isAnybodyPlanned) return null;
  const policy = await policyOf(trx, { key: row.policy_key, version: row.policy_version });
  const pack = await packOf(trx, { key: row.pack_key, version: row.pack_version });
  const isBegun = numbers.attempts > 0 || numbers.refusals > 0;
  const now = DateTime.fromJSDate(await databaseNow(trx), { zone: row.zone });
  // Today's group is full or about to be filled: a batch that has begun goes on with the next one.
  const from = isBegun ? now.startOf('day').plus({ days: 1 }) : now;
  return firstCallFrom(trx, { policy, pack, zone: row.zone }, from.toJSDate());
}

/** A batch of the transaction's account, with its numbers. Throws `OperationRefused` when it is not there. */
export async function readBatchJson(trx: Trx, batchId: string): Promise<BatchJson> {
  const row = await findBatch(trx, batchId);
  if (row === undefined) throw refuse('batch_not_found');
  return presentBatch(trx, row, (await numbersOf(trx, [batchId]))(batchId));
}
