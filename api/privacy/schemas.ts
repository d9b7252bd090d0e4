import { z } from '@hono/zod-openapi';
import { requestAnswers, requestChannels, requestKinds } from '../../domain/privacy/rules/kinds.ts';
import { idSchema, instantSchema, maybe, textSchema } from '../schemas.ts';

export const newRequestSchema = z
  .object({
    kind: z.enum(requestKinds).openapi({
      description:
        '`blocking` holds at once: no call and no message from here on, until it is refused or lifted. The others start a clock.',
    }),
    channel: z.enum(requestChannels).openapi({ description: 'How it came.' }),
    national_id: textSchema(40).openapi({ example: '12.345.678-5' }),
    details: textSchema(2_000).openapi({
      example: 'Pide copia de las llamadas y mensajes que se le hicieron',
    }),
    received_at: maybe(instantSchema).openapi({ description: 'When it came. Default: now.' }),
    own_id: maybe(textSchema(100)).openapi({
      description: 'Your own number of it. The same number again is the same request.',
    }),
  })
  .strict()
  .openapi('NewPrivacyRequest');

export const requestSchema = z
  .object({
    id: idSchema,
    kind: z.enum(requestKinds),
    channel: z.enum(requestChannels),
    own_id: z.string().nullable(),
    national_id: z.string(),
    person_id: idSchema.nullable().openapi({
      description: 'Null: the account has nobody of this id. Who comes with a later file is matched then.',
    }),
    details: z.string(),
    state: z.enum(['open', 'overdue', 'answered']),
    received_at: instantSchema,
    due_at: instantSchema.openapi({ description: 'The first instant that is too late.' }),
    extended_at: instantSchema.nullable(),
    extension_reason: z.string().nullable(),
    answered_at: instantSchema.nullable(),
    answer: z.enum(requestAnswers).nullable(),
    answer_text: z.string().nullable(),
    created_by: z.string(),
    created_at: instantSchema,
  })
  .openapi('PrivacyRequest');

export const answerSchema = z
  .object({
    answer: z.enum(requestAnswers).openapi({
      description:
        '`refused` of a request for blocking lifts the block, unless another request keeps it. `granted` of a request for deletion erases the person.',
    }),
    text: textSchema(2_000).openapi({ description: 'What the person was told.' }),
  })
  .strict()
  .openapi('PrivacyAnswer');

export const extensionSchema = z
  .object({
    reason: textSchema(500).openapi({ description: 'What the person was told of why it takes longer.' }),
  })
  .strict()
  .openapi('PrivacyExtension');
