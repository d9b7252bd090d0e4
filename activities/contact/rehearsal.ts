import { inAccount, type Trx } from '../../db/client.ts';
import { markPlaced, writeAttemptEvent } from '../../db/calls.ts';
import { dispatchRound } from '../../db/dispatch.ts';
import { settleCall } from '../../settlement/settle-call.ts';
import type { PlaceCallRequest } from '../../voice/types.ts';
import { worstCaseSeconds } from '../../operations/worst-case.ts';
import type { ContactDeps } from './load.ts';
import type { Answer, DialInput, RequestLineInput } from './types.ts';

/** In virtual time a grant cannot be waited for from outside: the clock would jump to the deadline instead. */
const rehearsalGrantMs = 30_000;

/**
 * The dispatcher's own round, at the instant at which this contact's turn comes on its own clock. Account cap,
 * capacity and credit decide as they do live; the grant is delivered at that instant instead of by a signal.
 */
export async function grantInRehearsal(deps: ContactDeps, input: RequestLineInput): Promise<Answer> {
  const atMs = Math.max(input.eligibleAtMs, input.nowMs);
  const round = await deps.system.transaction().execute(async (trx) => {
    const { pool_id, rehearsal } = await trx
      .selectFrom('core.line_request as r')
      .innerJoin('catalogue.pool as p', 'p.id', 'r.pool_id')
      .select(['r.pool_id', 'p.rehearsal'])
      .where('r.id', '=', input.requestId)
      .executeTakeFirstOrThrow();
    // A round at a virtual instant on a live pool would take the lines of real calls for expired.
    if (!rehearsal) throw new Error(`realm ${input.realm} has no line pool of its own`);
    return dispatchRound(trx, {
      poolId: pool_id,
      at: new Date(atMs),
      grantMs: rehearsalGrantMs,
      onlyRequestId: input.requestId,
      worstCaseSeconds: (policy) => worstCaseSeconds(trx, policy),
    });
  });
  const { requestId } = input;
  const grant = round.granted.find((one) => one.requestId === requestId);
  if (grant !== undefined) {
    const { leaseId } = grant;
    return { deliveries: [{ fact: { type: 'LineGranted', requestId, leaseId }, deliverAtMs: atMs }] };
  }
  const isSuspended = round.suspended.some((one) => one.requestId === requestId);
  return {
    deliveries: isSuspended ? [{ fact: { type: 'LineSuspended', requestId }, deliverAtMs: atMs }] : [],
  };
}

/** The simulated call is settled at once; its end is delivered when the workflow's clock has reached it. */
export async function dialInRehearsal(
  deps: ContactDeps,
  input: DialInput,
  request: PlaceCallRequest,
): Promise<Answer> {
  if (deps.simulatedVoice === undefined) throw new Error(`realm ${input.realm} needs a simulated provider`);
  const { attemptId, accountId } = input;
  const { call, durationMs, during } = deps.simulatedVoice.call(request, input.number, input.nowMs);
  const { providerCallId } = call;
  await inAccount(deps.app, accountId, async (trx: Trx) => {
    await markPlaced(trx, attemptId, providerCallId, 0);
    await writeAttemptEvent(trx, accountId, attemptId, 'placed', { callId: providerCallId });
  });
  await during?.({ accountId, attemptId, providerCallId, atMs: input.nowMs });
  const ended = await inAccount(deps.app, accountId, async (trx: Trx) => {
    const settled = await settleCall(trx, { accountId, attemptId, call, nowMs: input.nowMs + durationMs });
    return settled.kind === 'settled' ? settled.ended : null;
  });
  return {
    deliveries: [
      { fact: { type: 'DialPlaced', attemptId } },
      ...(ended === null
        ? []
        : [{ fact: { type: 'CallEnded', ...ended } as const, deliverAtMs: input.nowMs + durationMs }]),
    ],
  };
}
