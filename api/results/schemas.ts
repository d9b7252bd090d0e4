import { z } from '@hono/zod-openapi';
import type { ContactResult } from '../../domain/batches/results.ts';
import { stateSchema } from '../contacts/schemas.ts';
import { idSchema, instantSchema, moneySchema } from '../schemas.ts';

const agreementSchema = z.object({
  id: idSchema,
  kind: z.enum(['promise', 'plan']),
  state: z.enum(['open', 'kept', 'partly_paid', 'broken', 'replaced', 'withdrawn']),
  total: moneySchema,
  discount: moneySchema,
  instalments: z.int(),
  due_date: z.iso.date().openapi({ description: 'The last day of it.' }),
  made_at: instantSchema,
});

/** A line of NDJSON. */
export const contactResultSchema = z
  .object({
    contact_id: idSchema,
    position: z.int().openapi({ description: 'Place in the file.' }),
    name: z.string(),
    national_id: z.string().nullable(),
    state: stateSchema,
    outcome: z.string().nullable(),
    outcome_es: z.string().nullable(),
    waiting_for: z
      .string()
      .nullable()
      .openapi({ description: 'In words (Spanish); null when it is closed.' }),
    next_at: instantSchema.nullable(),
    calls: z.int().openapi({ description: 'Those that were placed, or may have been, in every run.' }),
    phones_tried: z.array(z.string()),
    last_call: z
      .object({
        at: z.iso
          .datetime({ offset: true })
          .openapi({ description: "With the offset of the person's clock." }),
        zone: z.string(),
        outcome: z.string().nullable(),
        outcome_es: z.string().nullable(),
      })
      .nullable(),
    creditors: z.array(z.string()),
    debt: z.array(moneySchema).openapi({ description: 'What it was loaded with; an amount a currency.' }),
    outstanding: z.array(moneySchema).openapi({ description: 'What is owed now to its creditors.' }),
    paid: z.array(moneySchema).openapi({
      description: 'What came in for its creditors since it was loaded, less what was taken back.',
    }),
    agreements: z.array(agreementSchema).openapi({ description: 'The newest first.' }),
    cost: z.array(moneySchema).openapi({ description: 'Of its calls and messages.' }),
    as_of: instantSchema,
  })
  .openapi('ContactResult') satisfies z.ZodType<ContactResult>;
