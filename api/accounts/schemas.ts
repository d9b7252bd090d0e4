import { z } from '@hono/zod-openapi';
import { amountPattern } from '../webhooks/inbound-schemas.ts';
import { form, idSchema, instantSchema, maybe, moneySchema, textSchema } from '../schemas.ts';

export const accountSchema = z
  .object({
    id: idSchema,
    slug: z.string(),
    name: z.string(),
    kind: z.enum(['customer', 'rehearsal', 'demo']),
    country: z.string(),
    zone: z.string(),
    plan: z.enum(['unlimited', 'minutes_based', 'credit_based']),
    max_lines: z.int().nullable(),
    balances: z.array(
      z.object({
        available: moneySchema.openapi({ description: 'What new calls may still hold.' }),
        held: moneySchema.openapi({ description: 'The worst case of calls that run.' }),
        consumed: moneySchema,
      }),
    ),
  })
  .openapi('Account');

/** Not of the answer to a top-up, which is kept for repeated requests as it was. */
export const ownAccountSchema = accountSchema
  .extend({
    debt_currency: z.string().openapi({ description: 'Of its people’s debts, where a file says none.' }),
    suspended: z
      .object({ reason: z.enum(['subscription']), since: instantSchema, es: z.string(), en: z.string() })
      .nullable()
      .openapi({ description: 'Nothing new is called or sent, and why; null: it works.' }),
  })
  .openapi('OwnAccount');

export const topUpSchema = z
  .object({
    amount: form(amountPattern, 'amount').openapi({ example: '50.00' }),
    unit: z.enum(['USD', 'SEC']).openapi({ description: 'SEC: seconds, for accounts with a minutes plan.' }),
    reference: textSchema(200).openapi({
      description: "The payment's own number. The same one again is the same top-up.",
      example: 'transferencia 4711',
    }),
  })
  .strict()
  .openapi('TopUp');

export const packChoiceSchema = z
  .object({
    signed_off_by: maybe(textSchema(120)).openapi({
      description: 'Who answers for a pack that is looser than the strict reading of the law.',
    }),
  })
  .strict()
  .openapi('PackChoice');

export const packChosenSchema = z
  .object({ pack: z.string(), signed_off_by: z.string().nullable() })
  .openapi('PackChosen');
