import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ApiEnv } from './deps.ts';
import { problem } from './problems.ts';

/** Takes bodies up to so many bytes, also of a sender that does not say how long its is. A longer one is a 413 that names the bound. */
export function boundedBody(maxBytes: number): MiddlewareHandler<ApiEnv> {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw problem('body_too_large', { kilobytes: Math.floor(maxBytes / 1024) });
    },
  });
}
