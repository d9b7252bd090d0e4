import { proxyActivities } from '@temporalio/workflow';
import type { ImportActivities } from '../../activities/import/types.ts';
import { reading } from '../shared/activity-options.ts';
import { runEntity } from '../shared/entity.ts';
import type { Carried, Entity } from '../shared/entity-contract.ts';
import * as contract from './contract.ts';
import {
  decideImport,
  describeImport,
  type ImportCommand,
  type ImportFact,
  type ImportState,
  openImport,
  parseImportFact,
} from './decide.ts';

const { readUpload, cancelUpload } = proxyActivities<ImportActivities>(reading);

/** Reads one uploaded file and stores its rows, through crashes and deploys, until it is stored, refused or cancelled. */
export async function importFile(
  input: contract.ImportInput & { readonly carried?: Carried<ImportState> },
): Promise<contract.ImportResult> {
  return runEntity(entity, input);
}

const entity: Entity<
  contract.ImportInput,
  ImportState,
  ImportFact,
  ImportCommand,
  contract.ImportView,
  contract.ImportResult
> = {
  open: openImport,
  decide: decideImport,
  execute,
  // A cancellation must not wait for the file that it cancels.
  isLong: ({ type }) => type === 'ReadUpload',
  failed: ({ type }) => (type === 'ReadUpload' ? { type: 'ReadFailed' } : null),
  parseFact: parseImportFact,
  signals: { [contract.importCancelledSignal.name]: 'CancelRequested' },
  updates: {},
  deadline: { type: 'DeadlineReached' },
  cancelled: { type: 'CancelRequested' },
  nextWakeAtMs: ({ nextWakeAtMs }) => nextWakeAtMs,
  describe: describeImport,
  view: ({ phase }) => ({ phase }),
  result: ({ phase }) => (phase === 'reading' || phase === 'waiting' ? undefined : { state: phase }),
  subject: ({ accountId, importId }) => ({ accountId, actor: 'import workflow', subject: importId }),
  historyBudget: () => 2_000,
  closedWords: 'La carga ya terminó (the import is over)',
};

async function execute(
  command: ImportCommand,
  { input }: { readonly input: contract.ImportInput },
): Promise<unknown> {
  const { accountId, importId } = input;
  const address = { accountId, importId };
  switch (command.type) {
    case 'ReadUpload': {
      const state = await readUpload.executeWithOptions({ summary: 'Lee el archivo' }, [address]);
      return { deliveries: [{ fact: { type: 'UploadRead', state } }] };
    }
    case 'CancelImport': {
      const state = await cancelUpload.executeWithOptions({ summary: 'Cancela la carga' }, [address]);
      return { deliveries: [{ fact: { type: 'UploadRead', state } }] };
    }
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}
