import { z } from '@hono/zod-openapi';

export const webhookParams = z.object({
  account: z
    .string()
    .regex(/^[A-Za-z0-9-]{2,40}$/, 'must be an account id or its slug')
    .openapi({ description: 'Id or slug of the account that the calls belong to.' }),
});

export const webhookAnswerSchema = z
  .object({
    received: z.literal(true),
    duplicate: z.boolean().openapi({ description: 'The event had come before: nothing changed.' }),
  })
  .openapi('WebhookAnswer');
