import { z } from '@hono/zod-openapi';
import { activityFormats } from '../../domain/reports/activity-files.ts';
import { stateSchema } from '../contacts/schemas.ts';
import { idSchema, instantSchema, moneySchema } from '../schemas.ts';

const count = z.int().min(0);
const daySchema = z.iso.date();

export const activityQuery = z.object({
  batch_id: idSchema.optional().openapi({ description: 'Of one batch. Default: of all.' }),
  from: daySchema.optional().openapi({
    description:
      'First day, on the clocks of those who were called. Without days: all of the batch, or the last 30.',
  }),
  to: daySchema.optional().openapi({ description: 'Last day, counted as well; at most 366 days.' }),
});

export const formatParams = z.object({ format: z.enum(activityFormats) });

const numbers = {
  contacts: count,
  closed: count,
  with_result: count.openapi({
    description:
      'Closed, and reached: not exhausted, excluded, no_phone, no_legal_time, expired, nor ended by us.',
  }),
  calls: count.openapi({ description: 'Calls that were placed, or may have been.' }),
  answered: count.openapi({ description: 'Calls in which a person answered.' }),
};
const calls = { calls: numbers.calls, answered: numbers.answered };
const cost = z.object({
  total: moneySchema,
  calls: count.openapi({ description: 'Calls of which the cost is known.' }),
  per_call: moneySchema,
});

export const activitySchema = z
  .object({
    as_of: instantSchema,
    zone: z.string(),
    batch: z.object({ id: idSchema, name: z.string() }).nullable(),
    days: z.object({ from: daySchema, to: daySchema }).nullable().openapi({
      description:
        'With days, contacts are those that were called on them. Null: all that there is of the batch.',
    }),
    totals: z.object(numbers),
    states: z.array(
      z.object({
        state: stateSchema,
        state_es: z.string(),
        outcome: z.string().nullable(),
        outcome_es: z.string().nullable(),
        contacts: count,
      }),
    ),
    by_day: z.array(z.object({ day: daySchema, ...calls })),
    by_hour: z.array(z.object({ hour: z.int().min(0).max(23), ...calls })),
    batches: z.array(z.object({ batch_id: idSchema, name: z.string(), use_case: z.string(), ...numbers })),
    batches_left_out: count.openapi({
      description: 'Those with the fewest calls; they are in all other figures.',
    }),
    use_cases: z.array(z.object({ use_case: z.string(), use_case_es: z.string(), ...numbers })),
    cost: z.object({
      charged: z.array(cost).openapi({ description: 'What the account was charged, by unit.' }),
      provider: cost.openapi({ description: 'What the voice provider charges.' }),
      billable_seconds: count,
    }),
    phones: z.array(
      z.object({
        phone: z.enum(['main', 'other']).openapi({ description: 'main: the first of the person’s phones.' }),
        ...calls,
      }),
    ),
    attempts_per_contact: z.array(z.object({ attempts: count, contacts: count })),
  })
  .openapi('Activity');
