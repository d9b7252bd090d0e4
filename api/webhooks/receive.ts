import { isId } from '../../domain/shared/rules/ids.ts';
import { storeOwnEvent } from '../../domain/shared/queries-raw.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { currentSpan, noteIds } from '../../observability/context.ts';
import { traceOfAttempt } from '../../observability/trace-rows.ts';
import { inSpan } from '../../observability/tracing.ts';
import { settleAndNotify } from '../../domain/calls/check-call.ts';
import type { VerifiedWebhook, WebhookRefusal } from '../../domain/calls/voice-port.ts';
import type { ApiDeps } from '../deps.ts';
import { Problem, problem } from '../problems.ts';

export interface ReceivedWebhook {
  /** Account of the path: an id or a slug. */
  readonly account: string;
  readonly rawBody: string;
  readonly signature: string | undefined;
}

/**
 * Verifies a webhook, stores it raw and settles its call in one transaction: a webhook that fails half-way leaves
 * nothing, and the provider sends it again. Throws `Problem` for one that is forged, stale or somebody else's.
 */
export async function receiveWebhook(
  deps: Pick<ApiDeps, 'app' | 'verifyWebhook' | 'tracing'>,
  { account, rawBody, signature }: ReceivedWebhook,
): Promise<{ readonly duplicate: boolean }> {
  // Awaited: the promise itself is truthy, and would accept every forgery.
  const verdict = await deps.verifyWebhook(rawBody, signature);
  if (!verdict.ok) throw refused(verdict.refusal);
  const { webhook } = verdict;
  const { accountId, attemptId } = webhook.call;
  // Only what we wrote into the call's metadata names its account: the path is anybody's guess.
  if (!isId(accountId) || !isId(attemptId)) throw foreign();
  noteIds({ accountId, attemptId });
  const settle = (): Promise<{ readonly duplicate: boolean }> =>
    inAccount(deps.app, accountId, async (trx) => {
      const stored = await storeEvent(trx, accountId, { account, webhook, rawBody });
      if (!stored.isNew) return { duplicate: true };
      const settled = await settleAndNotify(trx, { accountId, attemptId, at: stored.at }, webhook.call);
      // Thrown inside the transaction: the raw event goes with it.
      if (settled.kind === 'foreign') throw foreign();
      return { duplicate: false };
    });
  const { tracing } = deps;
  if (tracing?.tracer === undefined) return settle();
  // Part of the dial's trace: the provider's request is one of its own.
  const parent = await traceOfAttempt(deps.app, accountId, attemptId).catch(() => undefined);
  const link = currentSpan();
  return inSpan(tracing, `settle ${webhook.event}`, parent === undefined ? {} : { parent, link }, settle);
}

/**
 * Not new when the event is there already; a second delivery at the same moment waits for the first one's commit. One
 * key signs for all accounts of a workspace: an event of one is not accepted at another's address.
 */
async function storeEvent(
  trx: Trx,
  accountId: string,
  { account, webhook, rawBody }: Pick<ReceivedWebhook, 'account' | 'rawBody'> & { webhook: VerifiedWebhook },
): Promise<{ readonly isNew: boolean; readonly at: Date }> {
  const { dedupeKey, event, call } = webhook;
  const about = { subject: call.providerCallId, attemptId: call.attemptId ?? '' };
  const row = await storeOwnEvent(trx, { accountId, account, dedupeKey, event, ...about, text: rawBody });
  if (!row.isOwn) throw foreign();
  return row;
}

function refused(refusal: WebhookRefusal): Problem {
  return problem(`webhook_${refusal}`);
}

function foreign(): Problem {
  return problem('webhook_foreign');
}
