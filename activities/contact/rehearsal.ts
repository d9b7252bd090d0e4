import { poolOfRequest } from '../../domain/lines/queries-lines.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { markPlaced } from '../../domain/calls/queries.ts';
import { lockAgreement } from '../../domain/negotiation/queries.ts';
import { debtsOfContact, readContactSettled } from '../../domain/payments/queries-debts.ts';
import { dispatchRound } from '../../domain/lines/queries-dispatch.ts';
import { recordPayment } from '../../domain/payments/payments.ts';
import { settleCall } from '../../domain/calls/settle-call.ts';
import { shareOf } from '../../domain/negotiation/rules/share.ts';
import type { SimulatedCall } from '../../domain/calls/simulated-port.ts';
import type { PlaceCallRequest } from '../../domain/calls/voice-port.ts';
import type { CallEnded, ContactFact } from '../../domain/contacts/rules/facts.ts';
import { worstCaseSeconds } from '../../domain/lines/worst-case.ts';
import { loadContact } from '../../domain/contacts/read-contact.ts';
import { type ContactDeps } from './deps.ts';
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
    const { pool_id, rehearsal } = await poolOfRequest(trx, input.requestId);
    // A round at a virtual instant on a live pool would take the lines of real calls for expired.
    if (!rehearsal) throw new Error(`account ${input.accountId} is rehearsed on a pool that is not for it`);
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
  const suspended = round.suspended.find((one) => one.requestId === requestId);
  if (suspended === undefined) return { deliveries: [] };
  const { reason } = suspended;
  return { deliveries: [{ fact: { type: 'LineSuspended', requestId, reason }, deliverAtMs: atMs }] };
}

/** The simulated call is settled at once; its end is delivered when the workflow's clock has reached it. */
export async function dialInRehearsal(
  deps: ContactDeps,
  input: DialInput,
  request: PlaceCallRequest,
): Promise<Answer> {
  if (deps.simulatedVoice === undefined)
    throw new Error(`account ${input.accountId} needs a simulated provider`);
  const { attemptId, accountId } = input;
  const { simulatedVoice } = deps;
  const simulated = await simulatedVoice.call(request, input.number, input.nowMs);
  const { call, durationMs, during, pays } = simulated;
  const { providerCallId } = call;
  await inAccount(deps.app, accountId, async (trx: Trx) => {
    await markPlaced(trx, { accountId, attemptId, providerCallId, checkAfterMs: 0, kind: 'placed' });
  });
  await during?.({ accountId, attemptId, providerCallId, atMs: input.nowMs });
  const ended = await inAccount(deps.app, accountId, async (trx: Trx) => {
    const settled = await settleCall(trx, { accountId, attemptId, call, nowMs: input.nowMs + durationMs });
    return settled.kind === 'settled' ? settled.ended : null;
  });
  const paid = ended === null || pays === undefined ? undefined : await payLater(deps, input, ended, pays);
  return {
    deliveries: [
      { fact: { type: 'DialPlaced', attemptId } },
      ...(ended === null
        ? []
        : [{ fact: { type: 'CallEnded', ...ended } as const, deliverAtMs: input.nowMs + durationMs }]),
      ...(paid === undefined ? [] : [{ fact: paid, deliverAtMs: pays?.atMs ?? input.nowMs }]),
    ],
  };
}

/**
 * Money that will come in. Its row is written now, dated then: nothing in a rehearsal looks at it sooner, because until
 * then the contact waits for it.
 */
async function payLater(
  deps: ContactDeps,
  input: DialInput,
  ended: CallEnded,
  { share, atMs }: NonNullable<SimulatedCall['pays']>,
): Promise<ContactFact | undefined> {
  if (ended.agreement === undefined && ended.outcome !== 'already_paid') return undefined;
  return inAccount(deps.app, input.accountId, async (trx) => {
    const { personId } = await loadContact(trx, input.contactId);
    const owed = (await debtsOfContact(trx, input.contactId)).filter(
      ({ balanceMicros }) => balanceMicros > 0n,
    );
    const [debt] = owed;
    if (debt === undefined) return undefined;
    const agreement =
      ended.agreement === undefined ? undefined : await lockAgreement(trx, ended.agreement.agreementId);
    const wholeMicros =
      agreement?.total_micros ??
      owed.reduce((sum, one) => sum + (one.currency === debt.currency ? one.balanceMicros : 0n), 0n);
    const amountMicros = shareOf(wholeMicros, share);
    if (amountMicros <= 0n) return undefined;
    const { paymentId } = await recordPayment(trx, {
      accountId: input.accountId,
      personId,
      externalId: `rehearsal:${input.attemptId}`,
      source: 'rehearsal',
      kind: 'payment',
      amountMicros,
      currency: debt.currency,
      paidAt: new Date(atMs),
      reference: debt.reference,
      agreementId: agreement?.id ?? null,
    });
    const settled = await readContactSettled(trx, input.contactId);
    return paymentId === null ? undefined : { type: 'PaymentRecorded', paymentId, settled };
  });
}
