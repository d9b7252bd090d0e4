import { z } from '@hono/zod-openapi';
import { batchSchema, batchViewSchema } from '../batches/schemas.ts';
import { contactRowSchema, contactSchema } from '../contacts/schemas.ts';
import { activitySchema } from '../reports/schemas.ts';
import { idSchema, nextCursorSchema, pageQuery, textSchema } from '../schemas.ts';
import { jobStates } from './states.ts';

const statusSchema = z.enum(jobStates).openapi({
  description:
    'pending: planned, waiting, paused, negotiating; in_progress: calling; failed: closed as exhausted, excluded, no_phone, no_legal_time or expired; done: closed otherwise.',
});

const count = z.int().min(0);
const jobs = z
  .object({ pending: count, in_progress: count, suspended: count, done: count, failed: count })
  .openapi({ description: 'People by the state of their job.' });

export const oldBatchSchema = batchViewSchema.extend({ jobs }).openapi('OldBatch');
export const oldMadeBatchSchema = batchSchema.extend({ jobs }).openapi('OldMadeBatch');
export const oldBatchPageSchema = z
  .object({ batches: z.array(oldBatchSchema), next_cursor: nextCursorSchema })
  .openapi('OldBatchPage');

export const jobRowSchema = contactRowSchema.extend({ status: statusSchema }).openapi('JobRow');
export const jobPageSchema = z
  .object({ jobs: z.array(jobRowSchema), next_cursor: nextCursorSchema })
  .openapi('JobPage');
export const jobSchema = contactSchema.extend({ status: statusSchema }).openapi('Job');

export const jobsQuery = pageQuery.extend({
  batch_id: idSchema.optional(),
  status: z.enum(jobStates).optional(),
});

/** Nobody of the first system said why: the audit says by which way it was asked. */
export const reasonQuery = z.object({
  reason: textSchema(500)
    .default('Por la API del primer sistema, sin motivo')
    .openapi({ description: 'For the audit.' }),
});

export const jobReportSchema = activitySchema.extend({ jobs }).openapi('JobReport');
