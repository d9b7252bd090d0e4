import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import type { Slot } from '../policy/rules/slot.ts';
import type { Said } from './rules/spoken.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { readSubject } from './subject.ts';
import { type WishRequest, writeWish } from './queries-wishes.ts';
import { type ChosenSlot, chooseWish, horizonDays, type SlotRule } from './rules/reschedule-slot.ts';
import { sayWish } from './rules/reschedule-words.ts';

export type { RequestedBy } from './queries-wishes.ts';

/** `say`: what the agent, or whoever asked, can be told. */
export type WishAnswer =
  | { readonly ok: true; readonly slot: Slot; readonly requestId: string; readonly say: Said }
  | {
      readonly ok: false;
      readonly rule: SlotRule;
      readonly before: string | null;
      readonly after: string | null;
      readonly requestId: string;
      readonly say: Said;
    };

/**
 * One rule for a wish from whatever side (in the call, from its result, by API, by webhook, by signal), by the person's
 * calendar and the policy's horizon. Each wish is a row with its answer, and an event. Telling the workflow is the
 * caller's: a signal `rescheduleAgreed`, an update, or an activity's answer.
 */
export async function resolveWish(trx: Trx, request: WishRequest): Promise<WishAnswer> {
  const { contactId } = request;
  const subject = await readSubject(trx, contactId);
  const zones = zonesOf(subject.country, subject.zone, subject.region);
  const nowMs = request.at.getTime();
  // A policy that works people for one day agrees on no call in a month.
  const days = Math.min(horizonDays, subject.policy.maxDays);
  const chosen = chooseWish({ pack: subject.pack, zones, nowMs, horizonDays: days }, request.wish);
  const requestId = await writeWish(trx, request, chosen);
  await emitEvent(trx, request, chosen, requestId);
  return { ...chosen, requestId, say: sayWish(chosen, nowMs, zones[0]) };
}

/** A wish that came as a signal and cannot be read: a row and an event as of any other that is refused. */
export async function refuseUnreadableWish(
  trx: Trx,
  { accountId, contactId, at }: Pick<WishRequest, 'accountId' | 'contactId' | 'at'>,
): Promise<void> {
  const request: WishRequest = {
    accountId,
    contactId,
    attemptId: null,
    source: 'signal',
    requestedBy: 'operator',
    wish: {},
    at,
  };
  const chosen: ChosenSlot = { ok: false, rule: 'not_understood', before: null, after: null };
  await emitEvent(trx, request, chosen, await writeWish(trx, request, chosen));
}

async function emitEvent(
  trx: Trx,
  request: WishRequest,
  chosen: ChosenSlot,
  requestId: string,
): Promise<void> {
  const { accountId, contactId, attemptId, source } = request;
  await writeEvent(trx, {
    accountId,
    type: chosen.ok ? 'reschedule.agreed' : 'reschedule.refused',
    subject: contactId,
    occurredAt: request.at,
    data: {
      request_id: requestId,
      contact_id: contactId,
      attempt_id: attemptId,
      source,
      requested_by: request.requestedBy,
      ...(chosen.ok
        ? { agreed_at: new Date(chosen.slot.opensAtMs).toISOString() }
        : { rule: chosen.rule, before: utc(chosen.before), after: utc(chosen.after) }),
    },
  });
}

/** Suggestions are said on the person's clock; what leaves us has one form of instants. */
function utc(local: string | null): string | null {
  return local === null ? null : new Date(local).toISOString();
}
