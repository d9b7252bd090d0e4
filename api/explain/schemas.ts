import { z } from '@hono/zod-openapi';
import { countryForm, form, idSchema, instantSchema, maybe, textSchema } from '../schemas.ts';

const at = {
  description: "Default: now. With an offset, or 'YYYY-MM-DDTHH:mm' on the person's own clock.",
  example: '2027-03-08T20:30',
};

export const explainQuery = z.object({ at: textSchema(40).optional().openapi(at) });

export const explainWhoQuery = z.object({
  who: textSchema(120).openapi({
    description: "National id or phone, as people write them; a contact's id, or its workflow's.",
    example: '12.345.678-5',
  }),
  at: textSchema(40).optional().openapi(at),
});

export const explainRequestSchema = z
  .object({
    pack: textSchema(60).openapi({ example: 'cl-collection-strict' }),
    country: maybe(form(countryForm, 'country')).openapi({
      description: "ISO 3166. Default: the pack's own.",
    }),
    region: maybe(textSchema(60)).openapi({ example: 'Magallanes' }),
    zone: maybe(textSchema(60)).openapi({ example: 'America/Punta_Arenas' }),
    at: maybe(textSchema(40)).openapi(at),
  })
  .strict()
  .openapi('ExplainRequest');

const judgementSchema = z.object({
  allowed: z.boolean(),
  answer_es: z.string(),
  answer_en: z.string(),
  rules: z.array(
    z.object({
      reason: z.string().openapi({ example: 'outside_window' }),
      rule_es: z.string(),
      rule_en: z.string(),
      not_before: instantSchema.nullable().openapi({ description: 'Null: not by itself.' }),
    }),
  ),
  next_allowed_at: instantSchema
    .nullable()
    .openapi({ description: 'As far as is known now; null: none within sixty days.' }),
  next_allowed_local: z.string().nullable(),
});

const ownSchemas = {
  contact: z
    .object({
      id: idSchema,
      batch_id: idSchema,
      batch: z.string(),
      position: z.int().openapi({ description: "In the order of its batch's file." }),
      name: z.string(),
    })
    .nullable()
    .openapi({ description: 'Null: asked about nobody in particular.' }),
  waiting: z
    .object({
      code: z.enum([
        'closed',
        'batch_over',
        'planned',
        'paused',
        'no_credit',
        'account_suspended',
        'no_budget',
        'wave',
        'line',
        'call',
        'payment',
        'verification',
        'preparing',
      ]),
      batch_paused: z.boolean().openapi({ description: 'Whatever it waits for, nobody is called.' }),
      waits_es: z.string(),
      waits_en: z.string(),
      until: instantSchema.nullable().openapi({ description: 'As far as is known; null: not by itself.' }),
      until_local: z.string().nullable(),
    })
    .nullable()
    .openapi({ description: 'What this contact waits for now, whatever time was asked about.' }),
};

export const explanationSchema = z
  .object({
    at: instantSchema,
    at_local: z.array(z.object({ zone: z.string(), local: z.string() })).openapi({
      description: 'Every clock that was looked at. Several where it is not known where the person lives.',
    }),
    pack: z.object({ key: z.string(), version: z.int(), title: z.string() }),
    ...ownSchemas,
    call: judgementSchema,
    message: judgementSchema,
  })
  .openapi('Explanation');

export const explainedWhoSchema = z
  .object({
    contacts: z.array(explanationSchema).openapi({ description: 'The open ones first, then the newest.' }),
    more: z.boolean().openapi({ description: 'There are more contacts than are explained.' }),
  })
  .openapi('ExplainedPerson');
