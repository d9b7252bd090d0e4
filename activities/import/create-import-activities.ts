import { Context } from '@temporalio/activity';
import { cancelImport, runImport, type RunDeps } from '../../domain/imports/run-import.ts';
import type { ImportActivities } from './types.ts';

/** Files that one worker reads at once: each takes a core and up to 250 MB, and calls go on beside them. */
const mostAtOnce = 2;
const heartbeatMs = 2_000;

export function createImportActivities(deps: RunDeps): ImportActivities {
  let reading = 0;
  return {
    async readUpload({ accountId, importId }) {
      if (reading >= mostAtOnce) return 'busy';
      reading += 1;
      const context = Context.current();
      // By it a cancellation arrives, and a worker that died is missed.
      const beat = setInterval(() => context.heartbeat(), heartbeatMs);
      try {
        return await runImport(deps, { accountId, importId }, context.cancellationSignal);
      } finally {
        clearInterval(beat);
        reading -= 1;
      }
    },
    cancelUpload: ({ accountId, importId }) => cancelImport(deps, { accountId, importId }, 'import workflow'),
  };
}
