import { contactWorkflowId } from '../../domain/temporal/rules/ids.ts';
import { z } from '@hono/zod-openapi';
import type { ContactListRow } from '../../domain/contacts/queries-list.ts';
import * as db from '../../domain/contacts/queries-list.ts';
import type { Trx } from '../../db/client.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { wordsNow } from '../../domain/contacts/rules/labels.ts';
import type { ContactView } from '../../domain/contacts/rules/view.ts';
import { faultOfRejection, faultWords, isFault } from '../../domain/shared/rules/channel-faults.ts';
import { listMessages } from '../../domain/messages/queries-read.ts';
import { listAgreements } from '../../domain/negotiation/queries-read.ts';
import { paymentsSince } from '../../domain/payments/queries-read.ts';
import { presentAgreements } from '../agreements/routes.ts';
import { presentMessage } from '../messages/routes.ts';
import { presentPayment } from '../payments/read-routes.ts';
import { formatMicros, presentMoney } from '../money.ts';
import type {
  callSchema,
  changedSchema,
  contactRowSchema,
  contactSchema,
  historySchema,
  liveSchema,
} from './schemas.ts';

export type ContactJson = z.infer<typeof contactSchema>;
type HistoryJson = z.infer<typeof historySchema>;
type CallJson = z.infer<typeof callSchema>;
type LiveJson = z.infer<typeof liveSchema>;

/** Written by settlement; anything else in the column is left out rather than shown wrong. */
const productsSchema = z.array(z.object({ product: z.string(), costMicros: z.int() })).catch([]);

export function presentContactRow(row: ContactListRow): z.infer<typeof contactRowSchema> {
  return { ...fieldsOf(row), name: row.name, national_id: row.national_id };
}

/** A contact of the transaction's account with everything that happened to it. Throws when it is not there. */
export async function readContactJson(trx: Trx, contactId: string): Promise<ContactJson> {
  const row = await db.findContact(trx, contactId);
  if (row === undefined) throw refuse('contact_not_found');
  const person = await db.readPerson(trx, row.person_id);
  const phones = await db.readPhones(trx, row.person_id);
  const debts = await db.readDebts(trx, contactId);
  return {
    ...fieldsOf(row),
    person: {
      id: person.id,
      name: person.name,
      national_id: person.national_id,
      country: person.country,
      region: person.region,
      zone: person.zone,
      do_not_call_at: iso(person.do_not_call_at),
      stopped_at: iso(person.stopped_at),
      stop_reason: person.stop_reason,
    },
    phones: phones.map(({ id, e164, invalid_at }) => ({ id, number: e164, invalid_at: iso(invalid_at) })),
    debts: debts.map(
      ({ id, creditor, amount_micros, balance_micros, currency, due_date, reference, sheet_row }) => ({
        id,
        creditor,
        amount: presentMoney(amount_micros, currency),
        outstanding: balance_micros === null ? null : presentMoney(balance_micros, currency),
        due_date,
        reference,
        sheet_row,
      }),
    ),
    history: mergeHistory({
      attempts: await db.readAttempts(trx, contactId),
      events: await db.readAttemptEvents(trx, contactId),
      refusals: await db.readRefusals(trx, contactId),
      audit: await db.readAudit(trx, contactId),
      wishes: await db.readWishes(trx, contactId),
      payments: (await paymentsSince(trx, contactId)).map(presentPayment),
      agreements: await presentAgreements(
        trx,
        await listAgreements(trx, { contactId, limit: db.historyLimit }),
      ),
      messages: (await listMessages(trx, { contactId, limit: db.historyLimit })).map(presentMessage),
    }),
    live: null,
  };
}

interface HistoryRows {
  readonly attempts: readonly db.AttemptRow[];
  readonly events: readonly db.AttemptEventRow[];
  readonly refusals: readonly db.RefusalRow[];
  readonly audit: readonly db.AuditRow[];
  readonly wishes: readonly db.WishRow[];
  readonly payments: readonly ReturnType<typeof presentPayment>[];
  readonly agreements: Awaited<ReturnType<typeof presentAgreements>>;
  readonly messages: readonly ReturnType<typeof presentMessage>[];
}

/** All that happened, in the order of time; of one instant, the dial before its events. */
export function mergeHistory(rows: HistoryRows): HistoryJson {
  const { attempts, events, refusals, audit, wishes, payments, agreements, messages } = rows;
  const entries: HistoryJson = [
    ...attempts.map((row) => ({
      at: row.attempted_at.toISOString(),
      kind: 'attempt' as const,
      attempt_id: row.attempt_id,
      number: row.number,
      phone: row.e164,
      slot: row.wave_key,
      rescheduled: row.rescheduled,
      zone: row.zone,
      local_day: row.local_day,
      call: presentCall(row),
    })),
    ...events.map(({ at, attempt_id, kind, detail }) => ({
      at: at.toISOString(),
      kind: 'attempt_event' as const,
      attempt_id,
      event: kind,
      detail: withWords(detail, kind === 'rejected' ? faultOfRejection(detail['reason']) : null),
    })),
    ...refusals.map(({ at, reason, rule, wave_key }) => ({
      at: at.toISOString(),
      kind: 'refusal' as const,
      reason,
      rule,
      slot: wave_key,
    })),
    ...audit.map(({ at, actor, action, detail }) => ({
      at: at.toISOString(),
      kind: 'audit' as const,
      actor,
      action,
      detail: withWords(detail, action === 'message.failed' ? detail['fault'] : null),
    })),
    ...wishes.map(({ at, agreed_at, ...rest }) => ({
      at: at.toISOString(),
      kind: 'reschedule' as const,
      ...rest,
      agreed_at: iso(agreed_at),
    })),
    ...payments.map((payment) => ({ at: payment.created_at, kind: 'payment' as const, payment })),
    ...agreements.map((agreement) => ({ at: agreement.made_at, kind: 'agreement' as const, agreement })),
    ...messages.map((message) => ({ at: message.at, kind: 'message' as const, message })),
  ];
  // ISO instants of one zone sort as text, and the sort is stable.
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Why a channel failed, in both languages beside its code. */
function withWords(detail: Readonly<Record<string, unknown>>, fault: unknown): Record<string, unknown> {
  return isFault(fault) ? { ...detail, fault, ...faultWords[fault] } : { ...detail };
}

export function presentCall(row: db.AttemptRow): CallJson {
  const { promise_date, promise_micros, charged_micros, charged_unit, provider_cost_micros } = row;
  const hasPromise = promise_date !== null || promise_micros !== null;
  return {
    state: row.state,
    provider_call_id: row.provider_call_id,
    outcome: row.outcome,
    disconnection_reason: row.disconnection_reason,
    started_at: iso(row.started_at),
    ended_at: iso(row.ended_at),
    duration_ms: row.duration_ms,
    summary: row.summary,
    sentiment: row.sentiment,
    successful: row.successful,
    in_voicemail: row.in_voicemail,
    captured: row.captured ?? {},
    promise: hasPromise
      ? { date: promise_date, amount: promise_micros === null ? null : formatMicros(promise_micros) }
      : null,
    billable_seconds: row.billable_seconds,
    charged:
      charged_micros === null || charged_unit === null ? null : presentMoney(charged_micros, charged_unit),
    provider_cost: provider_cost_micros === null ? null : presentMoney(provider_cost_micros, 'USD'),
    provider_cost_by_product: productsSchema
      .parse(row.provider_cost_products ?? [])
      .map(({ product, costMicros }) => ({ product, cost: presentMoney(BigInt(costMicros), 'USD') })),
    recording_url: row.recording_url,
    recording_multi_channel_url: row.recording_multi_channel_url,
    public_log_url: row.public_log_url,
    transcript: row.transcript,
  };
}

export function presentLive(view: ContactView): LiveJson {
  const { state, waitingFor, attempts, nextWakeAtMs } = view;
  return { state, waiting_for: waitingFor, attempts, next_at: isoOfMs(nextWakeAtMs) };
}

/** The answer to a change. Without a view, the contact had no workflow and closed in its row. */
export function presentChanged(
  contactId: string,
  view: ContactView | undefined,
): z.infer<typeof changedSchema> {
  if (view === undefined) {
    return { contact_id: contactId, state: 'closed', waiting_for: 'Cerrado: cancelado', next_at: null };
  }
  const { state, waitingFor, nextWakeAtMs } = view;
  return { contact_id: contactId, state, waiting_for: waitingFor, next_at: isoOfMs(nextWakeAtMs) };
}

function fieldsOf(row: ContactListRow) {
  return {
    id: row.id,
    batch_id: row.batch_id,
    position: row.ordinal,
    workflow_id: contactWorkflowId({
      accountSlug: row.account_slug,
      batchSlug: row.batch_slug,
      number: row.ordinal,
    }),
    state: row.state,
    batch_state: row.batch_state,
    outcome: row.outcome,
    waiting_for: wordsNow(
      {
        state: row.state,
        batchState: row.batch_state,
        waitingFor: row.waiting_for,
        nextAtMs: row.next_at?.getTime() ?? null,
      },
      Date.now(),
    ),
    next_at: iso(row.next_at),
    attempts: row.attempts,
    run: row.run,
    opened_at: iso(row.opened_at),
    closed_at: iso(row.closed_at),
  };
}

function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}

function isoOfMs(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
