import { z } from '@hono/zod-openapi';
import { agreementSchema } from '../agreements/routes.ts';
import { messageSchema } from '../messages/routes.ts';
import { paymentSchema } from '../payments/read-routes.ts';
import {
  form,
  idSchema,
  instantSchema,
  maybe,
  moneySchema,
  nextCursorSchema,
  otherwise,
  pageQuery,
  textSchema,
} from '../schemas.ts';
import type { FieldCode } from '../../domain/shared/rules/field-words.ts';

export const stateSchema = z.enum([
  'planned',
  'waiting',
  'suspended',
  'calling',
  'negotiating',
  'paused',
  'closed',
]);

export const contactsQuery = pageQuery.extend({
  batch_id: idSchema.optional(),
  state: stateSchema.optional(),
  outcome: textSchema(40).optional(),
  national_id: textSchema(30)
    .optional()
    .openapi({ description: 'In any spelling.', example: '12.345.678-5' }),
});

const contactFields = {
  id: idSchema,
  batch_id: idSchema,
  position: z.int().openapi({ description: 'Place in the file.' }),
  workflow_id: z.string().openapi({ description: 'Of its workflow, for systems with access to Temporal.' }),
  state: stateSchema,
  batch_state: z
    .enum(['running', 'paused', 'cancelled', 'finished'])
    .openapi({ description: 'Of its batch: while that is paused, nobody of it is called.' }),
  outcome: z.string().nullable(),
  waiting_for: z.string().openapi({ description: 'In words (Spanish).' }),
  next_at: instantSchema.nullable(),
  attempts: z.int(),
  run: z.int().openapi({ description: '1, or more after a retry.' }),
  opened_at: instantSchema.nullable(),
  closed_at: instantSchema.nullable(),
};

export const contactRowSchema = z
  .object({ ...contactFields, name: z.string(), national_id: z.string().nullable() })
  .openapi('ContactRow');

export const contactPageSchema = z
  .object({ contacts: z.array(contactRowSchema), next_cursor: nextCursorSchema })
  .openapi('ContactPage');

/** What is kept of a call. */
export const callSchema = z
  .object({
    state: z.enum(['placing', 'placed', 'unknown', 'rejected', 'absent', 'ended']),
    provider_call_id: z.string().nullable(),
    outcome: z.string().nullable(),
    disconnection_reason: z.string().nullable(),
    started_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
    duration_ms: z.int().nullable(),
    summary: z.string().nullable(),
    sentiment: z.string().nullable(),
    successful: z.boolean().nullable(),
    in_voicemail: z.boolean().nullable(),
    captured: z.record(z.string(), z.string()),
    promise: z.object({ date: z.string().nullable(), amount: z.string().nullable() }).nullable(),
    billable_seconds: z.int().nullable(),
    charged: moneySchema.nullable(),
    provider_cost: moneySchema.nullable(),
    provider_cost_by_product: z.array(z.object({ product: z.string(), cost: moneySchema })),
    recording_url: z.string().nullable(),
    recording_multi_channel_url: z.string().nullable(),
    public_log_url: z.string().nullable(),
    transcript: z.string().nullable(),
  })
  .openapi('Call');

const attemptEntry = z.object({
  at: instantSchema,
  kind: z.literal('attempt'),
  attempt_id: idSchema,
  number: z.int(),
  phone: z.string(),
  slot: z.string(),
  rescheduled: z.boolean(),
  zone: z.string(),
  local_day: z.string(),
  call: callSchema,
});
const attemptEventEntry = z.object({
  at: instantSchema,
  kind: z.literal('attempt_event'),
  attempt_id: idSchema,
  event: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
const refusalEntry = z.object({
  at: instantSchema,
  kind: z.literal('refusal'),
  reason: z.string(),
  rule: z.string(),
  slot: z.string(),
});
const auditEntry = z.object({
  at: instantSchema,
  kind: z.literal('audit'),
  actor: z.string(),
  action: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

const rescheduleEntry = z.object({
  at: instantSchema,
  kind: z.literal('reschedule'),
  request_id: z.string(),
  attempt_id: idSchema.nullable(),
  source: z.enum(['call', 'result', 'api', 'webhook', 'signal']),
  requested_by: z.enum(['person', 'operator']),
  result: z.enum(['agreed', 'refused']),
  rule: z.string().nullable(),
  agreed_at: instantSchema.nullable(),
});
const paymentEntry = z.object({
  at: instantSchema.openapi({ description: 'When we learned of it.' }),
  kind: z.literal('payment'),
  payment: paymentSchema,
});
const agreementEntry = z.object({
  at: instantSchema,
  kind: z.literal('agreement'),
  agreement: agreementSchema,
});
const messageEntry = z.object({ at: instantSchema, kind: z.literal('message'), message: messageSchema });

export const historySchema = z
  .array(
    z.discriminatedUnion('kind', [
      attemptEntry,
      attemptEventEntry,
      refusalEntry,
      auditEntry,
      rescheduleEntry,
      paymentEntry,
      agreementEntry,
      messageEntry,
    ]),
  )
  .openapi({ description: 'In the order of time.' });

export const liveSchema = z
  .object({
    state: z.enum(['waiting', 'suspended', 'calling', 'negotiating', 'paused', 'closed']),
    waiting_for: z.string(),
    attempts: z.int(),
    next_at: instantSchema.nullable(),
  })
  .openapi('LiveContact');

export const contactSchema = z
  .object({
    ...contactFields,
    person: z.object({
      id: idSchema,
      name: z.string(),
      national_id: z.string().nullable(),
      country: z.string(),
      region: z.string().nullable(),
      zone: z.string().nullable(),
      do_not_call_at: instantSchema.nullable(),
      stopped_at: instantSchema.nullable(),
      stop_reason: z.string().nullable().openapi({ description: 'Why nobody calls or writes.' }),
    }),
    phones: z.array(z.object({ id: idSchema, number: z.string(), invalid_at: instantSchema.nullable() })),
    debts: z.array(
      z.object({
        id: idSchema,
        creditor: z.string(),
        amount: moneySchema,
        outstanding: moneySchema.nullable().openapi({
          description:
            'What is left to pay of it. Null: it was loaded again since, and its newer row has it.',
        }),
        due_date: z.string().nullable(),
        reference: z.string().nullable(),
        sheet_row: z.int().nullable(),
      }),
    ),
    history: historySchema,
    live: liveSchema.nullable().openapi({
      description: "What the contact's workflow says of itself now; null when it does not run or answer.",
    }),
  })
  .openapi('Contact');

export const rescheduleSchema = z
  .object({
    at: maybe(
      form(
        /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$/,
        'instant_or_local',
      ),
    ).openapi({ example: '2026-11-24T11:30' }),
    day: maybe(textSchema(60)).openapi({
      example: 'mañana',
      description: 'Instead of `at`: YYYY-MM-DD, or words.',
    }),
    time: maybe(textSchema(60)).openapi({ example: '10:00', description: 'With `day`: HH:mm, or words.' }),
    requested_by: otherwise(z.enum(['person', 'operator']), 'operator').openapi({
      description:
        'Whose wish it is. Only a person’s own waives the days of silence and the limits that their rule pack lets them waive; what was waived is on record.',
    }),
    text: maybe(textSchema(200)).openapi({
      example: 'el jueves a las 3 de la tarde',
      description: 'Day and time as they were said.',
    }),
    reason: textSchema(500),
  })
  .strict()
  .refine(({ at, day, time, text }) => [at, day, time, text].some((said) => said !== undefined), {
    path: ['at'],
    message: 'when_missing' satisfies FieldCode,
  })
  .openapi('Reschedule', {
    // What the rule above says, as JSON schema can: one of them is told.
    anyOf: ['at', 'day', 'time', 'text'].map((name) => ({
      required: [name],
      properties: { [name]: { type: 'string' as const } },
    })),
  });

export const changedSchema = z
  .object({
    contact_id: idSchema,
    state: stateSchema,
    waiting_for: z.string(),
    next_at: instantSchema.nullable(),
  })
  .openapi('ChangedContact');

export const retriedSchema = z.object({ contact_id: idSchema, run: z.int() }).openapi('RetriedContact');
