import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { BatchActivities } from '../../activities/batch/types.ts';
import { idempotentWrite, paging } from '../shared/activity-options.ts';
import { runEntity } from '../shared/entity.ts';
import type { Carried, Entity } from '../shared/entity-contract.ts';
import * as contract from './contract.ts';
import {
  type BatchCommand,
  type BatchFact,
  type BatchState,
  decideBatch,
  openBatch,
  parseBatchFact,
} from './decide.ts';

const { fillGroup } = proxyActivities<Pick<BatchActivities, 'fillGroup'>>(paging);
const { cancelBatch } = proxyLocalActivities<Pick<BatchActivities, 'cancelBatch'>>(idempotentWrite);

/** Fills the day's group each local morning, until every contact has closed or the batch is cancelled. */
export async function batch(
  input: contract.BatchInput & { readonly carried?: Carried<BatchState> },
): Promise<contract.BatchResult> {
  return runEntity(entity, input);
}

const entity: Entity<
  contract.BatchInput,
  BatchState,
  BatchFact,
  BatchCommand,
  contract.BatchView,
  contract.BatchResult
> = {
  open: openBatch,
  decide: decideBatch,
  execute,
  // A group of 100,000 takes minutes: what comes in meanwhile makes one more look, not one each.
  isLong: ({ type }) => type === 'FillGroup',
  failed: ({ type }) => (type === 'FillGroup' ? { type: 'FillFailed' } : null),
  parseFact: parseBatchFact,
  signals: { [contract.batchChangedSignal.name]: 'BatchChanged' },
  updates: {},
  deadline: { type: 'DeadlineReached' },
  cancelled: { type: 'CancelRequested' },
  nextWakeAtMs: ({ nextWakeAtMs }) => nextWakeAtMs,
  describe: ({ words }) => words,
  view: ({ phase, words }) => ({ phase, words }),
  result: ({ phase }) => (phase === 'finished' || phase === 'cancelled' ? { state: phase } : undefined),
  subject: ({ accountId, batchId }) => ({ accountId, actor: 'batch workflow', subject: batchId }),
  // Far below the server's own suggestion (4,096): a batch wakes a few times a day.
  historyBudget: () => 2_000,
  closedWords: 'El lote ya terminó (the batch is over)',
};

async function execute(
  command: BatchCommand,
  { input }: { readonly input: contract.BatchInput },
): Promise<unknown> {
  const { accountId, batchId } = input;
  switch (command.type) {
    case 'FillGroup': {
      const filled = await fillGroup.executeWithOptions({ summary: 'Elige a quién llamar hoy' }, [
        { accountId, batchId },
      ]);
      return { deliveries: [{ fact: { ...filled, type: 'GroupFilled' } }] };
    }
    case 'CancelBatch':
      return cancelBatch.executeWithOptions({ summary: 'Cancela el lote' }, [{ accountId, batchId }]);
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}
