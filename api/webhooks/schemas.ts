import { z } from '@hono/zod-openapi';
import { form } from '../schemas.ts';

export const webhookParams = z.object({
  account: form(/^[A-Za-z0-9-]{2,40}$/, 'account_or_slug').openapi({
    description: 'Id or slug of the account that the calls belong to.',
  }),
});

export const webhookAnswerSchema = z
  .object({
    received: z.literal(true),
    duplicate: z.boolean().openapi({ description: 'The event had come before: nothing changed.' }),
  })
  .openapi('WebhookAnswer');
