import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema, moneySchema, textSchema } from '../schemas.ts';

export const taskSchema = z
  .object({
    id: idSchema,
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
    state: z.enum(['open', 'resolved']),
    resolution: z.enum(['paid', 'resume', 'close']).nullable(),
    note: z.string().nullable(),
    contact_id: idSchema,
    person_id: idSchema,
    attempt_id: idSchema.nullable(),
    context: z.record(z.string(), z.unknown()),
    opened_at: instantSchema,
    resolved_at: instantSchema.nullable(),
    resolved_by: z.string().nullable(),
  })
  .openapi('Task');

export const taskWithContextSchema = taskSchema
  .extend({
    person: z.object({ name: z.string(), national_id: z.string().nullable(), phones: z.array(z.string()) }),
    debts: z.array(
      z.object({
        creditor: z.string(),
        reference: z.string().nullable(),
        due_date: z.string().nullable(),
        amount: moneySchema,
        balance: moneySchema,
      }),
    ),
    call: z
      .object({
        outcome: z.string().nullable(),
        summary: z.string().nullable(),
        recording_url: z.string().nullable(),
      })
      .nullable()
      .openapi({ description: 'The call that the task comes from.' }),
    agreement: z
      .object({
        state: z.string(),
        kind: z.string(),
        total: moneySchema,
        discount: moneySchema,
        made_at: instantSchema,
      })
      .nullable()
      .openapi({ description: 'The newest one of the contact.' }),
  })
  .openapi('TaskWithContext');

export const resolveSchema = z
  .object({ resolution: z.enum(['paid', 'resume', 'close']), note: textSchema(1_000) })
  .strict()
  .openapi('TaskResolution');
