import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type EventData, type SentType, TEST_EVENT } from '../../domain/shared/rules/events.ts';
import type { ApiEnv } from '../deps.ts';
import { idSchema, instantSchema, moneySchema } from '../schemas.ts';

const ofContact = z.object({ contact_id: idSchema, batch_id: idSchema });
const ofCall = ofContact.extend({ attempt_id: idSchema });
const agreementMade = z.object({
  agreement_id: idSchema,
  contact_id: idSchema,
  person_id: idSchema,
  attempt_id: idSchema.nullable().openapi({ description: 'Null: not in a call.' }),
  total: moneySchema,
  discount: moneySchema.openapi({ description: 'What is forgiven once all of it has been paid.' }),
  instalments: z.array(z.object({ due_date: z.iso.date(), amount: moneySchema })),
});
const agreementOver = z.object({
  agreement_id: idSchema,
  contact_id: idSchema,
  person_id: idSchema,
  total: moneySchema,
  paid: moneySchema.openapi({ description: 'What came in for it.' }),
});
const payment = z.object({
  payment_id: idSchema,
  of_payment_id: idSchema.openapi({
    description: 'The payment that was recorded first; its own id unless this one corrects it.',
  }),
  external_id: z.string(),
  person_id: idSchema,
  kind: z.enum(['payment', 'reversal', 'write_off']),
  amount: moneySchema,
  unallocated: moneySchema.openapi({ description: 'More than the person owed.' }),
  balance: moneySchema.openapi({ description: 'What the person owes after it, in its currency.' }),
});
const wish = z.object({
  request_id: z.string(),
  contact_id: idSchema,
  attempt_id: idSchema.nullable(),
  source: z.enum(['call', 'result', 'api', 'webhook', 'signal']),
  requested_by: z.enum(['person', 'operator']),
});
const message = ofContact.extend({ agreement_id: idSchema.nullable(), channel: z.literal('whatsapp') });
const handover = z.object({
  task_id: idSchema,
  kind: z.enum([
    'verify_payment',
    'dispute',
    'hardship',
    'legal',
    'broken_promise',
    'person_asked',
    'payment_reversed',
    'privacy_request',
  ]),
  contact_id: idSchema,
  person_id: idSchema,
});

/** The `data` of every event that is sent. What is sent and has no place here is a fault: a test sends each of them. */
export const eventDataSchemas = {
  'contact.opened': ofContact.extend({
    run: z.int().openapi({ description: '1, or more after a retry.' }),
  }),
  'contact.closed': ofContact.extend({ outcome: z.string(), attempts: z.int() }),
  'call.placed': ofCall,
  'call.ended': ofCall.extend({
    outcome: z.string(),
    rang: z.boolean(),
    human: z.boolean().openapi({ description: 'The debtor spoke, or whoever speaks for them.' }),
    duration_ms: z.int().nullable(),
  }),
  'promise.made': agreementMade,
  'promise.kept': agreementOver,
  'promise.partly_paid': agreementOver,
  'promise.broken': agreementOver,
  'plan.made': agreementMade,
  'payment.recorded': payment,
  'payment.reversed': payment,
  'reschedule.agreed': wish.extend({ agreed_at: instantSchema }),
  'reschedule.refused': wish.extend({
    rule: z.string(),
    before: instantSchema.nullable().openapi({ description: 'The nearest instant before it that would do.' }),
    after: instantSchema.nullable(),
  }),
  'message.sent': message,
  'message.delivered': message,
  'message.read': message,
  'message.failed': message.extend({ failure: z.string().nullable() }),
  'link.clicked': z.object({ link_id: idSchema, agreement_id: idSchema.nullable() }),
  'handover.opened': handover.extend({ attempt_id: idSchema.nullable() }),
  'handover.resolved': handover.extend({ resolution: z.enum(['paid', 'resume', 'close']) }),
  'do_not_call.recorded': z.object({
    person_id: idSchema,
    source: z.enum(['call', 'file', 'api', 'message', 'operator']),
  }),
  [TEST_EVENT]: z.object({ endpoint_id: idSchema }),
} as const satisfies { readonly [T in SentType]: z.ZodType<EventData[T]> };

const summaries: Readonly<Record<SentType, string>> = {
  'contact.opened': 'A contact of the day begins',
  'contact.closed': 'Nothing more is done for a contact, and what it came to',
  'call.placed': 'A call was dialled; stamped before its end',
  'call.ended': 'A call is over, with its outcome',
  'promise.made': 'The person promised to pay on a day',
  'promise.kept': 'All that was agreed has been paid',
  'promise.partly_paid': 'The day is over, and a part of it was paid',
  'promise.broken': 'The day is over, and nothing of it was paid',
  'plan.made': 'The person agreed to pay in instalments',
  'payment.recorded': 'A payment, or what an agreement forgives',
  'payment.reversed': 'A payment, or a part of it, was taken back',
  'reschedule.agreed': 'Another time for the next call was agreed',
  'reschedule.refused': 'Another time was asked for, and a rule does not allow it',
  'message.sent': 'The channel has taken a message',
  'message.delivered': 'A message arrived at the phone',
  'message.read': 'A message was opened',
  'message.failed': 'A message did not arrive',
  'link.clicked': 'A payment link was opened for the first time',
  'handover.opened': 'A person must decide something',
  'handover.resolved': 'A person decided',
  'do_not_call.recorded': 'A person asked not to be contacted any more',
  'webhook.test': 'An endpoint is tried: POST /api/v1/webhook-endpoints/{id}/test',
};

/** The whole body of one `POST` to an endpoint. */
export function eventSchema(type: SentType) {
  return z.object({
    type: z.literal(type),
    timestamp: instantSchema.openapi({ description: 'When it happened: events are ordered by it.' }),
    id: idSchema.openapi({ description: 'The `webhook-id` of every try: take an id once.' }),
    subject: z.string().openapi({ description: 'Id of what it is about.' }),
    data: eventDataSchemas[type],
  });
}

const headers = z.object({
  'webhook-id': idSchema,
  'webhook-timestamp': z.string().openapi({ description: 'Seconds since 1970, of this try.' }),
  'webhook-signature': z
    .string()
    .openapi({ description: 'Standard Webhooks; two of them for a day after a rotation.' }),
});

/** Says in the OpenAPI document what is sent to the accounts' own systems. */
export function documentEvents({ openAPIRegistry }: OpenAPIHono<ApiEnv>): void {
  const types = Object.keys(eventDataSchemas).filter((type): type is SentType => type in summaries);
  for (const type of types) {
    const schema = eventSchema(type).openapi(`Event_${type.replace('.', '_')}`);
    openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      tags: ['webhook endpoints'],
      summary: summaries[type],
      request: { headers, body: { required: true, content: { 'application/json': { schema } } } },
      responses: {
        '2XX': { description: 'Any of them takes it. Anything else is tried again.' },
        410: { description: 'Not again.' },
      },
    });
  }
}
