import { z } from '@hono/zod-openapi';

const partSchema = z.enum(['ok', 'failing']);

export const healthSchema = z
  .object({
    status: partSchema,
    parts: z.object({ database: partSchema, temporal: partSchema, voice: partSchema }),
  })
  .openapi('Health');
