import { z } from '@hono/zod-openapi';
import type { FieldCode } from '../../domain/shared/rules/field-words.ts';
import { currencyForm, form, idSchema, maybe, otherwise, textSchema } from '../schemas.ts';

/** What outside systems may send: docs/integration.md. Unknown fields are left alone: systems send more than we read. */

export const externalIdSchema = form(/^[!-~]{1,150}$/, 'visible_ascii').openapi({
  description: "The payment's own number: the same one is the same payment.",
});

/** Above 0, at most ten digits of it and six decimals: written out, because a pattern of JSON schema looks at nothing twice. */
export const amountPattern =
  /^(0{0,2}[1-9][0-9]{0,9}(\.[0-9]{1,6})?|0{1,3}\.([1-9][0-9]{0,5}|0[1-9][0-9]{0,4}|00[1-9][0-9]{0,3}|000[1-9][0-9]{0,2}|0000[1-9][0-9]?|00000[1-9]))$/;

export const amountSchema = form(amountPattern, 'amount').openapi({
  example: '104050',
  description: 'In whole units of the currency, exact.',
});

export const currencySchema = form(currencyForm, 'currency');

export const wishFields = {
  at: maybe(textSchema(40)),
  day: maybe(textSchema(60)),
  time: maybe(textSchema(60)),
  text: maybe(textSchema(200)),
};

export const paymentFields = {
  external_id: externalIdSchema,
  national_id: maybe(textSchema(40)),
  reference: maybe(textSchema(120)),
  amount: amountSchema,
  currency: maybe(currencySchema),
  paid_at: maybe(z.iso.datetime({ offset: true })),
};

export const reversalFields = {
  external_id: externalIdSchema,
  reversal_id: maybe(externalIdSchema).openapi({
    description: 'The number of this taking back, needed for a part: the same one is the same.',
  }),
  amount: maybe(amountSchema).openapi({ description: 'Default: all that stands of the payment.' }),
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
        contact_id: maybe(idSchema),
        national_id: maybe(textSchema(40)),
        /** Whose wish it is: only a person's own waives the days of silence. */
        requested_by: otherwise(z.enum(['person', 'operator']), 'operator'),
        ...wishFields,
      })
      .refine(({ contact_id, national_id }) => contact_id !== undefined || national_id !== undefined, {
        path: ['contact_id'],
        message: 'contact_missing' satisfies FieldCode,
      }),
  }),
  z.object({
    type: z.literal('do_not_contact.requested'),
    data: z
      .object({ national_id: maybe(textSchema(40)), phone: maybe(textSchema(40)) })
      .refine(({ national_id, phone }) => national_id !== undefined || phone !== undefined, {
        path: ['national_id'],
        message: 'address_missing' satisfies FieldCode,
      }),
  }),
  z.object({
    type: z.literal('person.stopped'),
    data: z.object({
      national_id: textSchema(40),
      reason: z.enum(['legal', 'insolvency', 'dispute', 'hardship', 'removed', 'deceased', 'blocked']),
    }),
  }),
]);

export type InboundEvent = z.infer<typeof inboundSchema>;
