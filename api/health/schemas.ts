import { z } from '@hono/zod-openapi';

const partSchema = z.enum(['ok', 'failing']);

export const healthSchema = z
  .object({
    status: partSchema,
    parts: z.object({ database: partSchema, temporal: partSchema, voice: partSchema }),
  })
  .openapi('Health');

export const liveSchema = z.object({ status: z.literal('live') }).openapi('Live');

export const readySchema = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    missing: z.array(
      z.object({
        part: z.enum(['database', 'migrations', 'temporal', 'process']),
        es: z.string(),
        en: z.string(),
      }),
    ),
  })
  .openapi('Ready');
