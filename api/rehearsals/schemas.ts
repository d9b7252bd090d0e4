import { z } from '@hono/zod-openapi';
import { form, idSchema, instantSchema, maybe, moneySchema, otherwise, textSchema } from '../schemas.ts';

export const newRehearsalSchema = z
  .object({
    import_id: idSchema,
    pack: textSchema(60).openapi({ description: 'Rule pack that the account has chosen.' }),
    policy: maybe(textSchema(60)),
    negotiation: maybe(textSchema(40)),
    pool: maybe(textSchema(60)),
    settled: maybe(z.enum(['leave_out', 'call'])).openapi({
      description:
        'People whose debts are paid by our record. Default: those of whom it is certain (by the reference of the debt) are left out, and when others may have paid the request is refused with `settled_unclear`. `leave_out` leaves those out too, `call` calls all of them.',
    }),
    seed: otherwise(form(/^[A-Za-z0-9_-]{1,40}$/, 'seed'), '1').openapi({
      description: 'All chance comes from here: the same seed is the same story.',
    }),
    start: maybe(z.iso.date()).openapi({ description: 'Local day; default: tomorrow.' }),
  })
  .strict()
  .openapi('NewRehearsal');

const counts = z.record(z.string(), z.number());

export const reportSchema = z
  .object({
    seed: z.string(),
    policy: z.string(),
    pack: z.string(),
    startsAt: z.string(),
    endsAt: z.string(),
    contacts: z.int(),
    calls: z.int(),
    outcomes: counts,
    charged: counts,
    providerUsd: z.number(),
    recovered: counts,
    calendar: z.array(
      z.object({ day: z.string(), wave: z.string(), calls: z.int(), answered: z.int(), outcomes: counts }),
    ),
    refusals: z.array(z.object({ reason: z.string(), rule: z.string(), turns: z.int() })),
    stories: z.array(
      z.object({
        row: z.int().openapi({ description: 'Of the file; of a person with several the first one.' }),
        name: z.string(),
        national_id: z.string().nullable(),
        phones: z.array(z.string()),
        debt: z.array(moneySchema),
        outcome: z.string(),
        attempts: z.int(),
        events: z.array(z.object({ at: z.string(), words: z.string() })),
      }),
    ),
    checks: z
      .array(z.object({ rule: z.string(), calls: z.int(), breaches: z.array(z.string()) }))
      .openapi({ description: 'Every call held against the rules once more, from what is on record.' }),
  })
  .openapi('RehearsalReport');

export const rehearsalSchema = z
  .object({
    id: idSchema,
    state: z.enum(['running', 'finished', 'failed']),
    import_id: idSchema,
    policy: z.string(),
    pack: z.string(),
    seed: z.string(),
    starts_at: instantSchema,
    contacts: z.int(),
    closed: z.int().openapi({ description: 'Contacts that have come to their end.' }),
    failure: z.string().nullable(),
    report: reportSchema.nullable(),
  })
  .openapi('Rehearsal');

export const reportParams = z.object({
  id: idSchema,
  format: z.enum(['md', 'xlsx']),
});
