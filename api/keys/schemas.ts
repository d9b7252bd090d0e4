import { z } from '@hono/zod-openapi';
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
