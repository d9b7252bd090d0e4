import { z } from '@hono/zod-openapi';

import { instantSchema } from '../schemas.ts';

export const partSchema = z.enum(['ok', 'failing']);

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded', 'failing']).openapi({
      description: 'degraded: all parts answer, and a channel of some account has failed within 15 minutes.',
    }),
    parts: z.object({ database: partSchema, temporal: partSchema, voice: partSchema }),
    channels: z.array(
      z.object({
        channel: z.string().openapi({ example: 'payment_link' }),
        provider: z.string().openapi({ example: 'mercadopago' }),
        fault: z.string().openapi({ example: 'credentials' }),
        failures: z.int(),
        since: instantSchema,
        last_at: instantSchema,
        es: z.string(),
        en: z.string(),
      }),
    ),
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
