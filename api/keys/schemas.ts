import { z } from '@hono/zod-openapi';
import { scopes } from '../../domain/accounts/rules/permissions.ts';
import { idSchema, instantSchema, otherwise, textSchema } from '../schemas.ts';

export const newKeySchema = z
  .object({
    label: textSchema(80).openapi({
      example: 'ERP de cobranza',
      description: 'Who uses it: part of audit rows.',
    }),
    role: otherwise(z.enum(['account', 'administrator']), 'account').openapi({
      description: 'Of an API key; only an administrator makes an administrator’s.',
    }),
    scopes: z
      .array(z.enum(scopes))
      .min(1)
      .max(100)
      .nullable()
      .default(null)
      .openapi({
        description:
          'What an API key may do: permissions, as each route of this document names one (`x-permission`). Null: all that its role holds. Never those of keys.',
        example: ['batches:read', 'contacts:read'],
      }),
    networks: z
      .array(textSchema(49))
      .min(1)
      .max(20)
      .nullable()
      .default(null)
      .openapi({
        description: 'From where an API key opens, as CIDR. Null: from anywhere.',
        example: ['203.0.113.0/24'],
      }),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .default(null)
      .openapi({ description: 'Null: until it is revoked.', example: '2027-12-31T00:00:00.000Z' }),
  })
  .strict()
  .openapi('NewKey');

export const rotationSchema = z
  .object({
    overlap_hours: otherwise(
      z
        .number()
        .min(0)
        .max(30 * 24),
      24,
    ).openapi({ description: 'How long the old one opens beside the new one.' }),
  })
  .strict()
  .openapi('KeyRotation');

export const keySchema = z
  .object({
    id: idSchema,
    prefix: z.string().openapi({ description: 'Its first characters; empty for an old one.' }),
    label: z.string(),
    role: z.enum(['account', 'administrator']),
    scopes: z.array(z.string()).nullable().openapi({ description: 'Null: all that its role holds.' }),
    networks: z.array(z.string()).nullable().openapi({ description: 'Null: from anywhere.' }),
    created_at: instantSchema,
    expires_at: instantSchema.nullable(),
    last_used_at: instantSchema.nullable().openapi({ description: 'By the minute.' }),
    revoked_at: instantSchema.nullable(),
  })
  .openapi('Key');

export const keyListSchema = z.object({ keys: z.array(keySchema) }).openapi('KeyList');

export const madeKeySchema = keySchema
  .extend({ key: z.string().openapi({ description: 'Shown once: only its hash is kept.' }) })
  .openapi('MadeKey');
