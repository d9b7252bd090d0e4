import { z } from '@hono/zod-openapi';
import { form, idSchema, instantSchema, maybe, otherwise, textSchema } from '../schemas.ts';

const nameSchema = form(/^[a-z][a-z0-9_-]{1,62}$/, 'name').openapi({ example: 'cobros' });

const timeoutMs = z
  .int()
  .min(500)
  .max(15_000)
  .openapi({ description: 'For connecting and calling together.' });

export const newServerSchema = z
  .object({
    name: nameSchema,
    url: textSchema(2_000).openapi({ example: 'https://herramientas.example/mcp' }),
    secret: otherwise(nameSchema.nullable(), null).openapi({
      description: 'Name of a secret of the account: presented as a bearer token. Null: none.',
    }),
    timeout_ms: otherwise(timeoutMs, 8_000),
  })
  .strict()
  .openapi('NewMcpServer');

export const changeServerSchema = z
  .object({
    url: maybe(textSchema(2_000)),
    secret: nameSchema.nullable().optional().openapi({ description: 'Null: none from now on.' }),
    timeout_ms: maybe(timeoutMs),
    enabled: maybe(z.boolean()),
  })
  .strict()
  .openapi('McpServerChange');

export const serverSchema = z
  .object({
    id: idSchema,
    name: z.string(),
    url: z.string(),
    secret: z.string().nullable(),
    timeout_ms: z.int(),
    enabled: z.boolean(),
    created_at: instantSchema,
  })
  .openapi('McpServer');

export const serverListSchema = z.object({ servers: z.array(serverSchema) }).openapi('McpServerList');

export const toolListSchema = z
  .object({
    tools: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        input_schema: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .openapi('McpToolList');

export const purposeSchema = z.enum(['create_payment_link', 'send_payment_link']);

export const newBindingSchema = z
  .object({
    server: idSchema,
    tool: textSchema(200),
    arguments: z.record(z.string(), z.unknown()).openapi({
      description: 'Texts may hold placeholders: {{agreement.amount}}, {{person.phone}}, {{link.url}}, …',
      example: { monto: '{{agreement.amount}}', telefono: '{{person.phone}}' },
    }),
  })
  .strict()
  .openapi('NewToolBinding');

export const bindingSchema = z
  .object({
    purpose: purposeSchema,
    server: idSchema,
    tool: z.string(),
    arguments: z.record(z.string(), z.unknown()),
    created_at: instantSchema,
  })
  .openapi('ToolBinding');

export const bindingListSchema = z.object({ bindings: z.array(bindingSchema) }).openapi('ToolBindingList');
