import { z } from '@hono/zod-openapi';
import type { FieldCode } from '../domain/shared/rules/field-words.ts';

/** Schemas that several resources share. */

export const idSchema = z.uuid().openapi({ example: '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11' });

export const idParams = z.object({ id: idSchema });

/** A version of something that never changes once it is stored. */
export const versionParams = z.object({
  key: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,99}$/, 'name' satisfies FieldCode)
    .openapi({ example: 'collection-standard' }),
  version: z.coerce.number().int().min(1).max(1_000_000),
});

export const instantSchema = z.iso.datetime().openapi({ example: '2026-11-23T12:00:00.000Z' });

/** A field that may be left out, or be null: serialisers write null for what their program does not know. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** The same with what is meant when it is not told. */
export function otherwise<T extends z.ZodType>(schema: T, value: z.output<T>) {
  return schema
    .nullish()
    .transform((told) => told ?? value)
    .openapi({ default: value });
}

/**
 * A text of one pattern, which has no flags and no classes of Unicode: generators and validators of JSON schema must read
 * it. Blanks around it go: `$` is also before a last line break to many of them.
 */
export function form(pattern: RegExp, code: FieldCode) {
  return z.string().trim().regex(pattern, code);
}

/** What stands around a text and goes: what `trim` takes. */
const wide = ' \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
const blank = `\\u0009-\\u000d${wide}`;
const control = '\\u0000-\\u001f\\u007f-\\u009f';
/**
 * A text of more than blanks, with no control character inside, as the document says it of the text as it was sent: a
 * minimal length is also that of blanks, which are nothing. No two parts of it can take the same character in turns.
 */
const writtenText = `^[${blank}]*[^${control}${wide}][^${control}]*([\\u0009-\\u000d][${blank}]*)?$`;

const writtenForm = (maxCharacters: number) =>
  ({ minLength: 1, maxLength: maxCharacters, pattern: writtenText }) as const;

/** What the document says of such a text. */
export const textForm = (maxCharacters: number) =>
  ({ type: 'string', ...writtenForm(maxCharacters) }) as const;

/** Characters are counted as JSON schema and PostgreSQL count them: one outside the basic plane is one, not two halves. */
function atMost(characters: number): z.core.CheckFn<string> {
  return ({ value, issues }) => {
    if (value.length <= characters || Array.from(value).length <= characters) return;
    issues.push({ code: 'too_big', origin: 'string', maximum: characters, inclusive: true, input: value });
  };
}

/** Text that people wrote: no control characters, which PostgreSQL or a log would choke on, and no half characters. */
export function textSchema(maxCharacters: number) {
  return (
    z
      .string()
      .check(atMost(maxCharacters))
      .trim()
      .min(1)
      // oxlint-disable-next-line no-control-regex -- they are what is refused, and \p{Cc} is no pattern of JSON schema
      .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'no_control_characters' satisfies FieldCode)
      .openapi(writtenForm(maxCharacters))
  );
}

/** Any text that can be stored, line breaks and all: a NUL is refused wherever it stands. */
export function anyTextSchema(maxCharacters: number) {
  return z
    .string()
    .min(1)
    .check(atMost(maxCharacters))
    .openapi({ minLength: 1, maxLength: maxCharacters, pattern: '^[^\\u0000]*$' });
}

export const countryForm = /^[A-Z]{2}$/;
export const currencyForm = /^[A-Z]{3}$/;

export const reasonSchema = z
  .object({ reason: textSchema(500).openapi({ example: 'El deudor lo pidió por teléfono' }) })
  .strict()
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
    .regex(/^[!-~]{1,200}$/, 'visible_ascii' satisfies FieldCode)
    .optional()
    .openapi({ description: 'The same key with the same request is done once, and answered alike.' }),
});

function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } };
}

/** Problem answers by status, for route definitions. */
export const problems = {
  badRequest: { 400: problem('The request is malformed; `errors` names the fields.') },
  unauthorised: {
    401: problem('No valid API key was presented.'),
    403: problem(
      'Whoever asks does not hold the permission, or asks from another network or page than they may.',
    ),
    429: problem('The key, or the address, asks too often. `Retry-After` says when to repeat it.'),
  },
  /** Of webhooks of providers, which are never kept waiting. */
  unsigned: { 401: problem('The signature is missing, wrong or too old.') },
  forbidden: { 403: problem('The API key may not do this.') },
  notFound: { 404: problem('Not there, or not of this account.') },
  gone: { 410: problem('It was there, and is kept no longer.') },
  notAcceptable: { 406: problem('None of the types of `Accept` is given; `detail` names those that are.') },
  conflict: { 409: problem('It cannot be done in the present state.') },
  outOfRange: { 416: problem('`Range` asks for a part outside it; `Content-Range` has its size.') },
  tooLarge: { 413: problem('The body is too large.') },
  unprocessable: { 422: problem('It is understood, and not allowed; `detail` names the rule.') },
  tooMany: { 429: problem('Too many at once. `Retry-After` says when to repeat it.') },
  unavailable: { 503: problem('A part that it needs does not answer. Repeat the request.') },
} as const;

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } };
}
