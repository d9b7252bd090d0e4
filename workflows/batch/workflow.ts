import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { BatchActivities } from '../../activities/batch/types.ts';
import { paging } from '../shared/activity-options.ts';
import * as contract from './contract.ts';

const { fillGroup } = proxyActivities<BatchActivities>(paging);

/** Far below the server's own suggestion (4,096): a batch wakes a few times a day. */
const historyBudgetEvents = 2_000;

/** Fills the day's group each local morning, until every contact has closed or the batch is cancelled. */
export async function batch(input: contract.BatchInput): Promise<contract.BatchResult> {
  let changes = 1;
  let seen = 0;
  setHandler(contract.batchChangedSignal, () => {
    changes += 1;
  });
  for (;;) {
    seen = changes;
    const summary = 'Llena el grupo del día';
    const filled = await fillGroup.executeWithOptions({ summary }, [input]);
    setCurrentDetails(filled.words);
    if (filled.state === 'finished' || filled.state === 'cancelled') return { state: filled.state };
    const news = (): boolean => changes > seen;
    if (filled.nextMorningAtMs === null) {
      await condition(news);
    } else {
      await condition(news, Math.max(1, filled.nextMorningAtMs - Date.now()), { summary: filled.words });
    }
    // Only when nothing is unread: a signal that is not in the argument would be lost.
    if (workflowInfo().historyLength > historyBudgetEvents && !news()) {
      await continueAsNew<typeof batch>(input);
    }
  }
}
