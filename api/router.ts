import { OpenAPIHono } from '@hono/zod-openapi';
import { unstorable } from '../domain/shared/rules/storable.ts';
import type { ApiEnv } from './deps.ts';
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
      const errors = result.error.issues.map(({ path, message }) => ({
        field: `${places[result.target] ?? ''}${path.map(String).join('.')}`,
        message,
      }));
      throw problem('invalid_request', {}, { errors });
    },
  });
}
