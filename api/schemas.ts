import { z } from '@hono/zod-openapi';

/** Schemas that several resources share. */

export const idSchema = z.uuid().openapi({ example: '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11' });

export const idParams = z.object({ id: idSchema });

export const instantSchema = z.iso.datetime().openapi({ example: '2026-11-23T12:00:00.000Z' });

/** Null says as little as a field that is not there: serialisers write it for what their program does not know. */
export function isTold<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** Text that people wrote: no control characters, which PostgreSQL or a log would choke on. */
export function textSchema(maxCharacters: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxCharacters)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters');
}

export const reasonSchema = z
  .object({ reason: textSchema(500).openapi({ example: 'El deudor lo pidió por teléfono' }) })
  .openapi('Reason');

export const moneySchema = z
  .object({
    amount: z.string().openapi({ example: '12.34', description: 'Decimal, exact.' }),
    unit: z
      .string()
      .openapi({ example: 'USD', description: 'ISO 4217, or SEC for seconds of an allotment.' }),
  })
  .openapi('Money');

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:tandas:problem:invalid_request' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    detail_es: z.string(),
    instance: z.string().openapi({ description: 'Names the request in our log.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string(), message_es: z.string().optional() }))
      .optional(),
  })
  .openapi('Problem');

export const pageQuery = z.object({
  cursor: idSchema.optional().openapi({ description: 'The `next_cursor` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const nextCursorSchema = z
  .string()
  .nullable()
  .openapi({ description: 'Cursor of the next page; null on the last one.' });

export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional()
    .openapi({ description: 'The same key with the same request is done once, and answered alike.' }),
});

function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } };
}

/** Problem answers by status, for route definitions. */
export const problems = {
  badRequest: { 400: problem('The request is malformed; `errors` names the fields.') },
  unauthorised: { 401: problem('No valid API key was presented.') },
  forbidden: { 403: problem('The API key may not do this.') },
  notFound: { 404: problem('Not there, or not of this account.') },
  gone: { 410: problem('It was there, and is kept no longer.') },
  conflict: { 409: problem('It cannot be done in the present state.') },
  tooLarge: { 413: problem('The body is too large.') },
  unprocessable: { 422: problem('It is understood, and not allowed; `detail` names the rule.') },
  unavailable: { 503: problem('A part that it needs does not answer. Repeat the request.') },
} as const;

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}
