import { z } from '@hono/zod-openapi';
import { EVENT_TYPES } from '../../domain/shared/rules/events.ts';
import {
  idSchema,
  instantSchema,
  maybe,
  nextCursorSchema,
  otherwise,
  pageQuery,
  textSchema,
} from '../schemas.ts';

const eventTypes = z
  .array(z.enum(EVENT_TYPES))
  .max(EVENT_TYPES.length)
  .openapi({ description: 'Empty: every type.', example: ['promise.made', 'payment.recorded'] });

export const newEndpointSchema = z
  .object({
    url: textSchema(2_000).openapi({ example: 'https://cobranza.example/tandas' }),
    description: maybe(textSchema(200)),
    event_types: otherwise(eventTypes, []),
  })
  .strict()
  .openapi('NewWebhookEndpoint');

export const endpointSchema = z
  .object({
    id: idSchema,
    url: z.string(),
    description: z.string(),
    event_types: z.array(z.string()),
    created_at: instantSchema,
    disabled_at: instantSchema.nullable(),
  })
  .openapi('WebhookEndpoint');

export const createdEndpointSchema = endpointSchema
  .extend({
    secret: z.string().openapi({ description: 'Shown once: it verifies what we send (Standard Webhooks).' }),
  })
  .openapi('CreatedWebhookEndpoint');

export const endpointListSchema = z
  .object({ endpoints: z.array(endpointSchema) })
  .openapi('WebhookEndpointList');

export const rotatedSchema = z
  .object({
    secret: z.string().openapi({ description: 'Shown once. The old one signs beside it for 24 hours.' }),
  })
  .openapi('RotatedSecret');

export const deliveryQuery = pageQuery.extend({
  state: z.enum(['pending', 'delivered', 'dead']).optional(),
  endpoint: idSchema.optional(),
});

export const deliverySchema = z
  .object({
    id: idSchema,
    event_id: idSchema.openapi({ description: 'The `webhook-id` of every try.' }),
    endpoint_id: idSchema,
    type: z.string(),
    subject: z.string(),
    state: z.enum(['pending', 'delivered', 'dead']),
    tries: z.int(),
    next_try_at: instantSchema.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    created_at: instantSchema,
    delivered_at: instantSchema.nullable(),
    died_at: instantSchema.nullable(),
  })
  .openapi('WebhookDelivery');

export const deliveryPageSchema = z
  .object({ deliveries: z.array(deliverySchema), next_cursor: nextCursorSchema })
  .openapi('WebhookDeliveryPage');

export const testSentSchema = z
  .object({
    event_id: idSchema,
    delivery_id: idSchema.openapi({
      description: 'GET /api/v1/webhook-deliveries/{id} says what became of it.',
    }),
  })
  .openapi('WebhookTestSent');

export const replayedSchema = z
  .object({ replayed: z.int().openapi({ description: 'Dead deliveries that are sent again now.' }) })
  .openapi('Replayed');
