import type { z } from '@hono/zod-openapi';
import { fieldErrors } from '../field-errors.ts';
import { problem } from '../problems.ts';

/** The fields of a form, read by their schema. Throws a 400 that names each that does not fit. */
export function readForm<T extends z.ZodObject>(
  schema: T,
  sent: Readonly<Record<string, string | undefined>>,
): z.output<T> {
  // An empty field of a form is one that was not filled in, and one that nobody knows is none of ours.
  const filled = Object.fromEntries(
    Object.entries(sent).filter(
      ([name, value]) => value !== undefined && (value !== '' || !Object.hasOwn(schema.shape, name)),
    ),
  );
  const parsed = schema.safeParse(filled);
  if (parsed.success) return parsed.data;
  throw problem('form_invalid', {}, { errors: fieldErrors(parsed.error.issues, filled) });
}
