import { isId } from '../../domain/shared/rules/ids.ts';
import { ownAccount } from '../../domain/shared/queries-account.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { answerFunction, type FunctionVerdict } from '../../domain/calls/in-call.ts';
import type { FunctionAnswer } from '../../domain/calls/call-session.ts';
import type { WebhookRefusal } from '../../domain/calls/voice-port.ts';
import type { ApiDeps } from '../deps.ts';
import { Problem, problem } from '../problems.ts';

export interface ReceivedFunction {
  /** Account of the path: an id or a slug. */
  readonly account: string;
  readonly rawBody: string;
  readonly signature: string | undefined;
}

/**
 * Verifies, answers and keeps one in-call function. A rule's no is an answer like any other, so that the agent goes on
 * talking; thrown as `Problem` is only what must not be answered: a forged or late signature, somebody else's call, a
 * call that is over. Each of those is logged with its ids, and what names an attempt of the account is on record.
 */
export async function receiveFunction(
  deps: Pick<ApiDeps, 'app' | 'verifyFunction' | 'logger'>,
  { account, rawBody, signature }: ReceivedFunction,
): Promise<FunctionAnswer> {
  const verdict = (await deps.verifyFunction?.(rawBody, signature)) ?? { ok: false, refusal: 'unsigned' };
  if (!verdict.ok) {
    deps.logger.warn({ account, refusal: verdict.refusal }, 'in-call function refused');
    throw notVerified(verdict.refusal);
  }
  const { name, args, providerCallId, accountId, attemptId } = verdict.request;
  const ids = { account, function: name, providerCallId, attemptId };
  if (!isId(accountId) || !isId(attemptId)) {
    deps.logger.warn({ ...ids, refusal: 'foreign' }, 'in-call function refused');
    throw foreign();
  }
  const answered = await inAccount(deps.app, accountId, async (trx): Promise<FunctionVerdict> => {
    if (!(await isOwn(trx, accountId, account))) return { kind: 'foreign' };
    return answerFunction(trx, { accountId, attemptId, providerCallId, name, args });
  });
  switch (answered.kind) {
    case 'answered':
      if (!answered.answer.ok)
        deps.logger.info({ ...ids, refusal: answered.answer.code }, 'in-call function');
      return answered.answer;
    case 'foreign':
      deps.logger.warn({ ...ids, refusal: 'foreign' }, 'in-call function refused');
      throw foreign();
    case 'refused':
      deps.logger.warn({ ...ids, refusal: answered.code }, 'in-call function refused');
      throw problem(answered.code, {}, { extra: { ...answered.answer } });
    default: {
      const unreachable: never = answered;
      return unreachable;
    }
  }
}

/** One key signs for all accounts of a workspace: a call of one is not answered at another's address. */
async function isOwn(trx: Trx, accountId: string, account: string): Promise<boolean> {
  const own = await ownAccount(trx);
  return own.id === accountId && (own.id === account || own.slug === account);
}

/** Said when the agent may not be answered: the conversation goes on all the same. */
const say = { ok: false, say: 'En este momento no puedo hacerlo.', say_en: 'This cannot be done now.' };

function notVerified(refusal: WebhookRefusal): Problem {
  return problem(`function_${refusal}`, {}, { extra: say });
}

function foreign(): Problem {
  return problem('function_foreign', {}, { extra: say });
}
