import type { Logger } from 'pino';
import { fetchMs, type RecordingDeps, workOnRecording } from '../domain/recordings/fetch-recording.ts';
import { takeObjects, takeRemovals } from '../domain/recordings/queries.ts';
import { removeAtProvider, type RemovalDeps } from '../domain/recordings/remove-calls.ts';
import type { Loop } from './loop.ts';
import { startSideBySide } from './side-by-side.ts';

export interface RecordingRelayDeps extends RecordingDeps {
  readonly logger: Logger;
  /** Default: longer than a recording can take. */
  readonly claimMs?: number;
  readonly idleMs?: number;
}

const idleMs = 2_000;
const claimMs = fetchMs + 120_000;

/** Fetches recordings before the provider's links end, and removes those whose day has come. Several workers may. */
export function startRecordingRelay(deps: RecordingRelayDeps): Loop {
  const { system, logger } = deps;
  return startSideBySide({
    name: 'recordings',
    logger,
    atOnce: 4,
    ofAccount: 2,
    idleMs: deps.idleMs ?? idleMs,
    take: (of) =>
      system.transaction().execute((trx) => takeObjects(trx, { ...of, claimMs: deps.claimMs ?? claimMs })),
    work: async (due) => {
      const worked = await workOnRecording(deps, due);
      if (worked === 'failed' || worked === 'lost')
        logger.warn({ objectId: due.id, accountId: due.account_id, tries: due.tries }, `recording ${worked}`);
    },
  });
}

/** Has the provider take calls of erased people away. */
export function startProviderRemovals(
  deps: RemovalDeps & Pick<RecordingRelayDeps, 'logger' | 'claimMs' | 'idleMs'>,
): Loop {
  const { system, logger } = deps;
  return startSideBySide({
    name: 'provider-removals',
    logger,
    atOnce: 2,
    ofAccount: 1,
    idleMs: deps.idleMs ?? idleMs,
    take: (of) =>
      system.transaction().execute((trx) => takeRemovals(trx, { ...of, claimMs: deps.claimMs ?? 120_000 })),
    work: async (due) => {
      if (await removeAtProvider(deps, due)) return;
      logger.warn(
        { removalId: due.id, tries: due.tries },
        'the provider still has a call of an erased person',
      );
    },
  });
}
