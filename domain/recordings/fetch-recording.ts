import type { Database } from '../../db/client.ts';
import type { Fetch } from '../../outbound/guarded-fetch.ts';
import type { ObjectStore } from '../shared/object-port.ts';
import type { VoiceProvider } from '../calls/voice-port.ts';
import { type DueObject, isKept, markFailed, markKept, markRemoved } from './queries.ts';
import { isListedHost } from './rules/hosts.ts';
import { mediaTypeOf } from './rules/media.ts';
import { mostTries, retryMs } from './rules/retry.ts';

export interface RecordingDeps {
  readonly system: Database;
  readonly store: ObjectStore;
  /** Follows no redirect. */
  readonly fetch: Fetch;
  readonly voice: Pick<VoiceProvider, 'getCall'>;
  /** Where recordings may come from. */
  readonly hosts: readonly string[];
  /** How long one is kept. */
  readonly days: number;
  /** Default: 200 MB, four hours of a call. */
  readonly maxBytes?: number;
}

/** Why nothing was fetched this time. `isFinal`: it would be the same the next time. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched';
  readonly fault: string;
  readonly isFinal: boolean;

  constructor(fault: string, isFinal = false) {
    super(fault);
    this.fault = fault;
    this.isFinal = isFinal;
  }
}

export type Worked = 'kept' | 'removed' | 'failed' | 'lost';

/** Longest for one recording. */
const fetchMs = 10 * 60_000;
const mostBytes = 200 * 1024 * 1024;

/** Does what is due with one: fetches it, or removes what is over its day or whose person was erased. Never throws for a failure of others. */
export async function workOnRecording(deps: RecordingDeps, due: DueObject): Promise<Worked> {
  try {
    return due.state === 'waiting' && due.erased_at === null
      ? await keepRecording(deps, due)
      : await removeRecording(deps, due);
  } catch (error) {
    const { fault, isFinal } = error instanceof NotFetched ? error : new NotFetched(faultOf(error));
    const isOver = due.state === 'waiting' && (isFinal || due.tries >= mostTries);
    const afterMs = isOver ? null : retryMs(due.tries);
    const failed = { fault, afterMs, wasErased: due.erased_at !== null };
    await deps.system.transaction().execute((trx) => markFailed(trx, due.id, failed));
    return isOver ? 'lost' : 'failed';
  }
}

async function keepRecording(deps: RecordingDeps, due: DueObject): Promise<Worked> {
  const url = await linkOf(deps, due);
  if (!isListedHost(url, deps.hosts)) throw new NotFetched('host_not_listed');
  const response = await deps.fetch(url, { signal: AbortSignal.timeout(fetchMs) });
  const mediaType = mediaTypeOf(response.headers.get('content-type'));
  const length = response.headers.get('content-length');
  const max = deps.maxBytes ?? mostBytes;
  const refusal = refusalOf(response.status, mediaType, Number(length ?? 0) > max);
  if (refusal !== undefined || mediaType === undefined || response.body === null) {
    // Its connection would be held by a body that nobody reads.
    await response.body?.cancel();
    throw refusal ?? new NotFetched('no_body');
  }
  const { bytes, sha256 } = await deps.store.write(due.key, response.body, max);
  if (length !== null && bytes !== Number(length)) {
    await deps.store.remove(due.key);
    throw new NotFetched('cut_off');
  }
  const kept = { mediaType, sha256, bytes, days: deps.days };
  const isOurs = await deps.system.transaction().execute((trx) => markKept(trx, due.id, kept));
  if (isOurs || (await deps.system.transaction().execute((trx) => isKept(trx, due.id)))) return 'kept';
  // Erased while it came: what has just been written must not stay.
  return removeRecording(deps, due);
}

/** The link of the webhook; after a failure a fresh one, for the first may have ended. */
async function linkOf({ voice }: RecordingDeps, due: DueObject): Promise<string> {
  if (due.tries <= 1 && due.source_url !== null) return due.source_url;
  const call = await voice.getCall(due.provider_call_id).catch(() => {
    throw new NotFetched('provider_away');
  });
  if (call === undefined) throw new NotFetched('call_unknown', true);
  const url = call.recordingUrl ?? due.source_url;
  if (url === null) throw new NotFetched('no_link');
  return url;
}

function refusalOf(
  status: number,
  mediaType: string | undefined,
  isTooLong: boolean,
): NotFetched | undefined {
  if (status === 401 || status === 403) return new NotFetched('link_ended');
  if (status === 404 || status === 410) return new NotFetched('link_dead');
  if (status !== 200) return new NotFetched('answered_no');
  if (mediaType === undefined) return new NotFetched('no_audio');
  return isTooLong ? new NotFetched('too_large', true) : undefined;
}

async function removeRecording({ system, store }: RecordingDeps, due: DueObject): Promise<Worked> {
  await store.remove(due.key);
  await system.transaction().execute((trx) => markRemoved(trx, due.id));
  return 'removed';
}

function faultOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'TooManyBytes') return 'too_large';
  if (name === 'TargetRefused') return 'target_refused';
  if (name === 'TimeoutError') return 'too_slow';
  return 'broke_off';
}
