import { z } from '@hono/zod-openapi';
import { amountPattern } from '../webhooks/inbound-schemas.ts';
import {
  form,
  idSchema,
  instantSchema,
  maybe,
  moneySchema,
  nextCursorSchema,
  textSchema,
} from '../schemas.ts';

const count = z.int().min(0);

/** An amount above 0, in the unit that the account is charged in. */
const budgetSchema = z
  .object({
    amount: form(amountPattern, 'amount').openapi({ example: '25.00' }),
    unit: maybe(z.enum(['USD', 'SEC'])).openapi({ description: "Default: the one of the account's plan." }),
  })
  .strict();

export const budgetChangeSchema = budgetSchema
  .extend({
    amount: form(amountPattern, 'amount')
      .nullable()
      .openapi({ example: '25.00', description: 'Null: no bound any more.' }),
    reason: textSchema(500).openapi({ example: 'aprobado por gerencia' }),
  })
  .strict()
  .openapi('BudgetChange');

export const newBatchSchema = z
  .object({
    import_id: idSchema,
    name: textSchema(120).openapi({ example: 'Cobranza noviembre' }),
    pack: textSchema(60).openapi({
      example: 'cl-collection-waves',
      description: 'Rule pack that the account has chosen. Never a silent default.',
    }),
    policy: maybe(textSchema(60)).openapi({
      example: 'collection-waves',
      description: "Default: by the use case's schedule, collection-waves or ladder. Newest version.",
    }),
    negotiation: maybe(textSchema(40)).openapi({
      example: 'collection-standard',
      description: 'Stages and offers; debt collection only. Default: collection-standard. Newest version.',
    }),
    pool: maybe(textSchema(60)).openapi({
      description: 'Line pool; may be left out when the account has one.',
    }),
    settled: maybe(z.enum(['leave_out', 'call'])).openapi({
      description:
        'People whose debts are paid by our record. Default: those of whom it is certain (by the reference of the debt) are left out, and when others may have paid the request is refused with `settled_unclear`. `leave_out` leaves those out too, `call` calls all of them.',
    }),
    budget: maybe(budgetSchema).openapi({
      description:
        'What it may cost at most, calls and messages together. Default: as much as the account has.',
    }),
    group_size: maybe(z.int().min(1).max(100_000)).openapi({
      description: 'Most different people called on one local day. Default: the policy’s.',
    }),
  })
  .strict()
  .openapi('NewBatch');

export const batchSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    use_case: z.string(),
    state: z.enum(['running', 'paused', 'cancelled', 'finished']),
    policy: z.string().openapi({ example: 'collection-waves@1' }),
    pack: z.string().openapi({ example: 'cl-collection-waves@1' }),
    pool: z.string(),
    import_id: idSchema.nullable(),
    group_size: z.int(),
    zone: z.string(),
    created_at: instantSchema,
    finished_at: instantSchema.nullable(),
    progress: z.object({
      contacts: count.openapi({ description: 'People of the batch, those that are still to come as well.' }),
      closed: count,
      to_come: count.openapi({
        description:
          'People of its imports who are not contacts yet: they are taken in portions, in the order of the file. Counted in `planned`.',
      }),
      by_state: z
        .object({
          planned: count,
          waiting: count,
          suspended: count,
          calling: count,
          negotiating: count,
          paused: count,
          closed: count,
        })
        .openapi({ description: 'Contacts.' }),
      by_outcome: z.record(z.string(), count).openapi({ description: 'Closed contacts.' }),
      lines_in_use: count.openapi({
        description:
          'Calls that hold a line now. A contact is `calling` until the outcome of its call is known.',
      }),
      attempts: count.openapi({ description: 'Calls that were placed, or may have been.' }),
      refusals: count.openapi({ description: 'Turns that did not become a call, each with its reason.' }),
    }),
    cost: z.object({
      charged: z.array(moneySchema).openapi({ description: 'What the account was charged.' }),
      provider: moneySchema.openapi({ description: 'What the voice provider charges.' }),
    }),
  })
  .openapi('Batch');

const budgetViewSchema = z
  .object({
    limit: moneySchema,
    spent: moneySchema.openapi({ description: 'Charged for calls and messages of the batch.' }),
    held: moneySchema.openapi({ description: 'The worst case of what is under way.' }),
    left: moneySchema.openapi({ description: 'Below 0: it was lowered, or a call took more than was held.' }),
  })
  .openapi('Budget');

/** A batch as it is read; not of the answer to its making, which is kept for repeated requests as it was. */
export const batchViewSchema = batchSchema
  .extend({
    state_es: z.string(),
    use_case_es: z.string(),
    pack_es: z.string(),
    policy_es: z.string(),
    budget: budgetViewSchema.nullable().openapi({ description: 'Null: as much as the account has.' }),
    progress: batchSchema.shape.progress.extend({
      next_call_at: instantSchema.nullable().openapi({
        description:
          'When the next call of the batch is due: in the past, somebody waits for a line now. Null: nobody waits for a call.',
      }),
      next_call_es: z.string().nullable().openapi({ example: 'lunes 30-11-2026 09:00' }),
      outcomes: z
        .array(z.object({ outcome: z.string(), outcome_es: z.string(), contacts: count }))
        .openapi({ description: 'Closed contacts by how they ended, the most frequent first.' }),
    }),
  })
  .openapi('BatchView');

export const batchPageSchema = z
  .object({ batches: z.array(batchViewSchema), next_cursor: nextCursorSchema })
  .openapi('BatchPage');
