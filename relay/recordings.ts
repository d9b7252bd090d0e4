import type { Logger } from 'pino';
import { type RecordingDeps, workOnRecording } from '../domain/recordings/fetch-recording.ts';
import { type DueObject, holdObject, takeObjects, takeRemovals } from '../domain/recordings/queries.ts';
import { removeAtProvider, type RemovalDeps } from '../domain/recordings/remove-calls.ts';
import type { Loop } from './loop.ts';
import { startSideBySide } from './side-by-side.ts';

export interface RecordingRelayDeps extends RecordingDeps {
  readonly logger: Logger;
  /** How soon another worker takes up what a dead one had; it is renewed while one works. Default: a minute and a half. */
  readonly claimMs?: number;
  readonly idleMs?: number;
}

const idleMs = 2_000;
const claimMs = 90_000;

/** Fetches recordings before the provider's links end, and removes those whose day has come. Several workers may. */
export function startRecordingRelay(deps: RecordingRelayDeps): Loop {
  const { system, logger } = deps;
  const claim = deps.claimMs ?? claimMs;
  return startSideBySide({
    name: 'recordings',
    logger,
    atOnce: 4,
    ofAccount: 2,
    idleMs: deps.idleMs ?? idleMs,
    take: (of) => system.transaction().execute((trx) => takeObjects(trx, { ...of, claimMs: claim })),
    work: async (due) => {
      const worked = await held(deps, due, claim, () => workOnRecording(deps, due));
      if (worked === 'failed' || worked === 'lost')
        logger.warn({ objectId: due.id, accountId: due.account_id, tries: due.tries }, `recording ${worked}`);
    },
  });
}

/** Renews the claim while a long recording comes. */
async function held<T>(
  { system, logger }: RecordingRelayDeps,
  { id }: DueObject,
  claim: number,
  work: () => Promise<T>,
): Promise<T> {
  const renew = (): void =>
    void system
      .transaction()
      .execute((trx) => holdObject(trx, id, claim))
      .catch((error: unknown) => logger.warn({ err: error, objectId: id }, 'a claim was not renewed'));
  const timer = setInterval(renew, claim / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
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
