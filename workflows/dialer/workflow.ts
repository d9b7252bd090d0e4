import { continueAsNew, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { LineActivities } from '../../activities/lines/types.ts';
import { longRunning } from '../shared/activity-options.ts';
import type { DialerInput } from './contract.ts';

const { dispatchLines } = proxyActivities<LineActivities>(longRunning);

/** Runs of the activity before the history starts afresh. */
const roundsPerRun = 100;

/** One per line pool, for ever: keeps a dispatcher alive on some worker. Two at once are harmless, none is not. */
export async function dialer(input: DialerInput): Promise<void> {
  setCurrentDetails('Reparte las líneas libres; cuántas hay en uso lo dice el latido de la actividad');
  for (let round = 0; round < roundsPerRun; round += 1) {
    const summary = 'Reparte las líneas libres';
    const { words } = await dispatchLines.executeWithOptions({ summary }, [input]);
    setCurrentDetails(words);
  }
  await continueAsNew<typeof dialer>(input);
}
