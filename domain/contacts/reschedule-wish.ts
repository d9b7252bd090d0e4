import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import { parsePolicy } from '../policy/rules/parse.ts';
import type { Slot } from '../policy/rules/slot.ts';
import type { Said } from './rules/spoken.ts';
import type { SaidWish } from './rules/wish.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { readSubject } from './subject.ts';
import { type ChosenSlot, chooseWish, horizonDays, type SlotRule } from './rules/reschedule-slot.ts';
import { sayWish } from './rules/reschedule-words.ts';

export interface WishRequest {
  readonly accountId: string;
  readonly contactId: string;
  /** The call that it was said in; null: none. */
  readonly attemptId: string | null;
  readonly source: 'call' | 'result' | 'api' | 'webhook' | 'signal';
  /** As it was said; what is not said is asked for. */
  readonly wish: SaidWish;
  readonly realm: string;
  /** Now: the database's clock, or a rehearsal's. */
  readonly at: Date;
}

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
  const { contactId, realm } = request;
  const subject = await readSubject(trx, contactId);
  const zones = zonesOf(subject.country, subject.zone, subject.region);
  const nowMs = request.at.getTime();
  const days = await policyHorizon(trx, subject.batchId);
  const chosen = chooseWish({ pack: subject.pack, zones, nowMs, horizonDays: days }, request.wish);
  const requestId = await writeRequest(trx, request, chosen);
  if (realm === 'live') await tell(trx, request, chosen, requestId);
  return { ...chosen, requestId, say: sayWish(chosen, nowMs, zones[0]) };
}

/** A policy that works people for one day agrees on no call in a month. */
async function policyHorizon(trx: Trx, batchId: string): Promise<number> {
  const { definition } = await trx
    .selectFrom('core.batch as b')
    .innerJoin('catalogue.policy_version as p', (join) =>
      join.onRef('p.key', '=', 'b.policy_key').onRef('p.version', '=', 'b.policy_version'),
    )
    .select('p.definition')
    .where('b.id', '=', batchId)
    .executeTakeFirstOrThrow();
  return Math.min(horizonDays, parsePolicy(definition).maxDays);
}

async function writeRequest(trx: Trx, request: WishRequest, chosen: ChosenSlot): Promise<string> {
  const { id } = await trx
    .insertInto('operation.reschedule_request')
    .values({
      account_id: request.accountId,
      contact_id: request.contactId,
      attempt_id: request.attemptId,
      source: request.source,
      wish: JSON.stringify(request.wish),
      result: chosen.ok ? 'agreed' : 'refused',
      rule: chosen.ok ? null : chosen.rule,
      slot_key: chosen.ok ? chosen.slot.key : null,
      agreed_at: chosen.ok ? new Date(chosen.slot.opensAtMs) : null,
      suggestion_before: chosen.ok ? null : chosen.before,
      suggestion_after: chosen.ok ? null : chosen.after,
      at: request.at,
      realm: request.realm,
    })
    .returning(sql<string>`id::text`.as('id'))
    .executeTakeFirstOrThrow();
  return id;
}

async function tell(trx: Trx, request: WishRequest, chosen: ChosenSlot, requestId: string): Promise<void> {
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
      ...(chosen.ok
        ? { agreed_at: new Date(chosen.slot.opensAtMs).toISOString() }
        : { rule: chosen.rule, before: chosen.before, after: chosen.after }),
    },
  });
}
