import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { refuse } from './refused.ts';

export interface KeyedRequest {
  readonly accountId: string;
  /** The caller's `Idempotency-Key`; undefined: the request is done every time that it comes. */
  readonly key: string | undefined;
  /** Of everything that makes the request what it is: method, path and content. */
  readonly requestHash: string;
}

export interface Answer {
  readonly status: number;
  /** JSON-plain: it is stored, and given again to a repeated request. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface KeyedAnswer extends Answer {
  /** The request had been done before; this is what it was answered then. */
  readonly replayed: boolean;
}

/**
 * Does a request once per key: claim, work and answer are one transaction. A second request with the key waits at the
 * claim until the first has committed, and gets its answer; a first one that fails takes its claim along, so that a
 * repeated request is done. Throws `OperationRefused` for a key that came with another request.
 */
export async function once(
  app: Database,
  request: KeyedRequest,
  work: (trx: Trx) => Promise<Answer>,
): Promise<KeyedAnswer> {
  const { accountId, key, requestHash } = request;
  return inAccount(app, accountId, async (trx) => {
    if (key === undefined) return { ...(await work(trx)), replayed: false };
    const claimed = await trx
      .insertInto('operation.idempotency_key')
      .values({ account_id: accountId, key, request_hash: requestHash })
      .onConflict((conflict) => conflict.columns(['account_id', 'key']).doNothing())
      .returning('key')
      .executeTakeFirst();
    if (claimed === undefined) return readAnswer(trx, key, requestHash);
    const answer = await work(trx);
    await trx
      .updateTable('operation.idempotency_key')
      .set({ status: answer.status, response: JSON.stringify(answer.body) })
      .where('account_id', '=', accountId)
      .where('key', '=', key)
      .execute();
    return { ...answer, replayed: false };
  });
}

async function readAnswer(trx: Trx, key: string, requestHash: string): Promise<KeyedAnswer> {
  const stored = await trx
    .selectFrom('operation.idempotency_key')
    .select(['request_hash', 'status', 'response'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  if (stored.request_hash !== requestHash) {
    throw refuse('idempotency_key_reused');
  }
  if (stored.status === null || stored.response === null) {
    throw new Error('an idempotency key was committed without its answer');
  }
  return { status: stored.status, body: stored.response, replayed: true };
}
