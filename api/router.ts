import { OpenAPIHono } from '@hono/zod-openapi';
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
      if (result.success) return;
      const errors = result.error.issues.map(({ path, message }) => ({
        field: `${places[result.target] ?? ''}${path.map(String).join('.')}`,
        message,
      }));
      throw problem('invalid_request', {}, { errors });
    },
  });
}
