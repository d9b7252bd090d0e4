import { z } from '@hono/zod-openapi';
import { callSchema } from '../contacts/schemas.ts';
import { idSchema, instantSchema } from '../schemas.ts';

const turnSchema = z
  .object({
    n: z.int().min(1),
    role: z.enum(['agent', 'person', 'transfer']).openapi({
      description: 'transfer: whoever the call was handed to.',
    }),
    text: z.string(),
    start_ms: z.int().min(0).nullable().openapi({
      description: 'From the beginning of the call, as in its recording. Null: the provider told no times.',
    }),
    end_ms: z.int().min(0).nullable(),
  })
  .openapi('CallTurn');

const recordingSchema = z
  .object({
    state: z.enum(['waiting', 'kept', 'lost', 'removed']).openapi({
      description:
        'waiting: being fetched from the provider; lost: it could not be; removed: its time was over.',
    }),
    bytes: z.int().min(0).nullable(),
    media_type: z.string().nullable(),
    delete_after: instantSchema.nullable(),
  })
  .openapi('CallRecording');

export const oneCallSchema = z
  .object({
    id: idSchema,
    contact_id: idSchema,
    at: instantSchema,
    number: z.int().openapi({ description: 'Which call of its contact it is, from 1.' }),
    phone: z.string(),
    call: callSchema,
    turns: z
      .array(turnSchema)
      .nullable()
      .openapi({ description: 'What was said. Null for whoever may not listen.' }),
    recording: recordingSchema.nullable().openapi({ description: 'Null: there is none.' }),
  })
  .openapi('OneCall');

export const addressSchema = z
  .object({
    url: z
      .string()
      .openapi({ description: 'Opens the recording until `expires_at`, without a key; takes `Range`.' }),
    expires_at: instantSchema,
    bytes: z.int().min(0),
    media_type: z.string(),
  })
  .openapi('RecordingAddress');

export const addressQuery = z.object({
  account: idSchema,
  until: z.string().regex(/^[0-9]{1,12}$/),
  signature: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
});
