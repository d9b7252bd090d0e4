import { OpenAPIHono } from '@hono/zod-openapi';
import { unstorable } from '../domain/shared/rules/storable.ts';
import type { ApiEnv } from './deps.ts';
import { fieldErrors } from './field-errors.ts';
import { problem } from './problems.ts';

const places: Readonly<Record<string, string>> = {
  json: '',
  form: '',
  param: 'path.',
  query: 'query.',
  header: 'header.',
};

/** A router whose every route answers an invalid request in the same way. */
export function createRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (result.success) {
        // Where a schema lets any text through, as in a tool's arguments.
        const found = unstorable(result.data);
        if (found === undefined) return;
        const field = `${places[result.target] ?? ''}${found.field}`;
        throw problem(found.fault === 'depth' ? 'too_deep' : 'unstorable_text', {}, { field });
      }
      // What was checked is given to the hook, and is missing in its type.
      const input: unknown = Reflect.get(result, 'data');
      const errors = fieldErrors(result.error.issues, input, places[result.target]);
      throw problem('invalid_request', {}, { errors });
    },
  });
}
