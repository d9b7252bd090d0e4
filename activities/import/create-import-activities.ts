import { Context } from '@temporalio/activity';
import { inAccount } from '../../db/client.ts';
import { cancelImport, runImport, type RunDeps } from '../../domain/imports/run-import.ts';
import { tableFileState } from '../../domain/integrations/queries-table-files.ts';
import { concludeTableFile, runTableFile } from '../../domain/integrations/table-files.ts';
import type { ImportActivities, UploadAddress, UploadState } from './types.ts';

/** Files that one worker reads at once: each takes a core and up to 250 MB, and calls go on beside them. */
const mostAtOnce = 2;
/** Files of payments and removals, beside those: each waits for the database, and does not wait for people. */
const mostTablesAtOnce = 4;
const heartbeatMs = 2_000;

export function createImportActivities(deps: RunDeps): ImportActivities {
  const people = new Slots(mostAtOnce);
  const tables = new Slots(mostTablesAtOnce);
  const isTable = async ({ accountId, importId }: UploadAddress): Promise<boolean> =>
    (await inAccount(deps.app, accountId, (trx) => tableFileState(trx, importId))) !== undefined;
  return {
    async readUpload({ accountId, importId }) {
      const address = { accountId, importId };
      const context = Context.current();
      // By it a cancellation arrives, and a worker that died is missed.
      const beat = setInterval(() => context.heartbeat(), heartbeatMs);
      try {
        const signal = context.cancellationSignal;
        if (await isTable(address)) return await tables.during(() => runTableFile(deps, address, signal));
        return await people.during(() => runImport(deps, address, signal));
      } finally {
        clearInterval(beat);
      }
    },
    async cancelUpload({ accountId, importId }) {
      const address = { accountId, importId };
      // What it has done stands, so it goes on to its end.
      if (await isTable(address)) return concludeTableFile(deps, address);
      return cancelImport(deps, address, 'import workflow');
    },
  };
}

class Slots {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async during(work: () => Promise<UploadState>): Promise<UploadState> {
    if (this.#taken >= this.#most) return 'busy';
    this.#taken += 1;
    try {
      return await work();
    } finally {
      this.#taken -= 1;
    }
  }
}
