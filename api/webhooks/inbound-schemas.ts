import { z } from '@hono/zod-openapi';
import { idSchema, isTold, textSchema } from '../schemas.ts';

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
  at: textSchema(40).nullish(),
  day: textSchema(60).nullish(),
  time: textSchema(60).nullish(),
  text: textSchema(200).nullish(),
};

export const paymentFields = {
  external_id: externalIdSchema,
  national_id: textSchema(40).nullish(),
  reference: textSchema(120).nullish(),
  amount: amountSchema,
  currency: currencySchema.nullish(),
  paid_at: z.iso.datetime({ offset: true }).nullish(),
};

export const reversalFields = {
  external_id: externalIdSchema,
  reversal_id: externalIdSchema
    .nullish()
    .openapi({ description: 'The number of this taking back, needed for a part: the same one is the same.' }),
  amount: amountSchema.nullish().openapi({ description: 'Default: all that stands of the payment.' }),
};

export const inboundSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('payment.received'), data: z.object(paymentFields) }),
  z.object({
    type: z.literal('payment.reversed'),
    data: z.object(reversalFields),
  }),
  z.object({
    type: z.literal('reschedule.requested'),
    data: z
      .object({
        contact_id: idSchema.nullish(),
        national_id: textSchema(40).nullish(),
        /** Whose wish it is: only a person's own waives the days of silence. */
        requested_by: z.enum(['person', 'operator']).nullish(),
        ...wishFields,
      })
      .refine(({ contact_id, national_id }) => isTold(contact_id) || isTold(national_id), {
        path: ['contact_id'],
        message: 'contact_id or national_id is required',
      }),
  }),
  z.object({
    type: z.literal('do_not_contact.requested'),
    data: z
      .object({ national_id: textSchema(40).nullish(), phone: textSchema(40).nullish() })
      .refine(({ national_id, phone }) => isTold(national_id) || isTold(phone), {
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
