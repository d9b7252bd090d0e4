import { createHash } from 'node:crypto';
import type { Trx } from '../db/client.ts';
import { type Answer, type KeyedAnswer, once } from '../domain/shared/queries-idempotency.ts';
import type { ApiDeps } from './deps.ts';

export interface KeyedRequest {
  /** Whose rows it changes. */
  readonly accountId: string;
  readonly key: string | undefined;
  readonly method: string;
  readonly path: string;
  /** Whatever makes two requests to one path different, JSON-plain. */
  readonly content: unknown;
}

/** Does a request once per `Idempotency-Key`, in one transaction with its answer. */
export function keyed(
  { app }: Pick<ApiDeps, 'app'>,
  { accountId, key, method, path, content }: KeyedRequest,
  work: (trx: Trx) => Promise<Answer>,
): Promise<KeyedAnswer> {
  const requestHash = createHash('sha256')
    .update(JSON.stringify([method, path, content]))
    .digest('hex');
  return once(app, { accountId, key, requestHash }, work);
}
