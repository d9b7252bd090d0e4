import type { z } from '@hono/zod-openapi';
import type { DeliveryRow } from '../../domain/integrations/queries-deliveries.ts';
import type { EndpointView } from '../../domain/integrations/webhook-endpoints.ts';
import type { deliverySchema, endpointSchema } from './schemas.ts';

export function presentEndpoint(endpoint: EndpointView): z.infer<typeof endpointSchema> {
  const { id, url, description, eventTypes, createdAt, disabledAt } = endpoint;
  return {
    id,
    url,
    description,
    event_types: [...eventTypes],
    created_at: createdAt.toISOString(),
    disabled_at: disabledAt?.toISOString() ?? null,
  };
}

export function presentDelivery(row: DeliveryRow): z.infer<typeof deliverySchema> {
  return {
    id: row.id,
    event_id: row.event_id,
    endpoint_id: row.endpoint_id,
    type: row.type,
    subject: row.subject,
    state: row.state,
    tries: row.tries_total,
    next_try_at: row.state === 'pending' ? row.next_try_at.toISOString() : null,
    last_status: row.last_status,
    last_error: row.last_error,
    created_at: row.created_at.toISOString(),
    delivered_at: row.delivered_at?.toISOString() ?? null,
    died_at: row.died_at?.toISOString() ?? null,
  };
}
