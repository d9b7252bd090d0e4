import { z } from '@hono/zod-openapi';
import { idSchema, textSchema } from '../schemas.ts';

/** What outside systems may send: docs/integration.md. Unknown fields are left alone: systems send more than we read. */

export const externalIdSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,150}$/, 'must be 1 to 150 visible ASCII characters')
  .openapi({ description: "The payment's own number: the same one is the same payment." });

export const amountSchema = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,6})?$/, 'must be a decimal above 0, e.g. "104050"')
  .openapi({ example: '104050', description: 'In whole units of the currency, exact.' });

export const currencySchema = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');

export const wishFields = {
  at: textSchema(40).optional(),
  day: textSchema(60).optional(),
  time: textSchema(60).optional(),
  text: textSchema(200).optional(),
};

export const paymentFields = {
  external_id: externalIdSchema,
  national_id: textSchema(40).optional(),
  reference: textSchema(120).optional(),
  amount: amountSchema,
  currency: currencySchema.optional(),
  paid_at: z.iso.datetime({ offset: true }).optional(),
};

export const inboundSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('payment.received'), data: z.object(paymentFields) }),
  z.object({
    type: z.literal('payment.reversed'),
    data: z.object({ external_id: externalIdSchema, amount: amountSchema.optional() }),
  }),
  z.object({
    type: z.literal('reschedule.requested'),
    data: z
      .object({
        contact_id: idSchema.optional(),
        national_id: textSchema(40).optional(),
        /** Whose wish it is: only a person's own waives the days of silence. */
        requested_by: z.enum(['person', 'operator']).default('operator'),
        ...wishFields,
      })
      .refine(({ contact_id, national_id }) => contact_id !== undefined || national_id !== undefined, {
        path: ['contact_id'],
        message: 'contact_id or national_id is required',
      }),
  }),
  z.object({
    type: z.literal('do_not_contact.requested'),
    data: z
      .object({ national_id: textSchema(40).optional(), phone: textSchema(40).optional() })
      .refine(({ national_id, phone }) => national_id !== undefined || phone !== undefined, {
        path: ['national_id'],
        message: 'national_id or phone is required',
      }),
  }),
  z.object({
    type: z.literal('person.stopped'),
    data: z.object({
      national_id: textSchema(40),
      reason: z.enum(['legal', 'insolvency', 'dispute', 'hardship', 'removed', 'deceased']),
    }),
  }),
]);

export type InboundEvent = z.infer<typeof inboundSchema>;
