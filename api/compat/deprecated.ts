import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';

/** Routes of the first system, as the router writes them, each with the route that does the same now. */
export const successors: ReadonlyMap<string, string> = new Map([
  ['POST /api/upload/excel', '/api/v1/imports'],
  ['GET /api/batches', '/api/v1/batches'],
  ['POST /api/batches', '/api/v1/batches'],
  ['GET /api/batches/:id', '/api/v1/batches/:id'],
  ['POST /api/batches/:id/pause', '/api/v1/batches/:id/pause'],
  ['POST /api/batches/:id/resume', '/api/v1/batches/:id/resume'],
  ['GET /api/jobs', '/api/v1/contacts'],
  ['GET /api/jobs/:id', '/api/v1/contacts/:id'],
  ['POST /api/jobs/:id/retry', '/api/v1/contacts/:id/retry'],
  ['GET /api/reports/jobs', '/api/v1/reports/activity'],
  ['GET /api/reports/excel', '/api/v1/reports/activity/xlsx'],
]);

/** RFC 9745: since when they are, as a date of structured fields. 1 December 2026. */
const since = '@1796083200';

/** Says with every answer of such a route, refusals as well, that there is another one now (RFC 9745, RFC 8288). */
export const tellSuccessor: MiddlewareHandler<ApiEnv> = createMiddleware<ApiEnv>(async (c, next) => {
  await next();
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
  const successor = route === undefined ? undefined : successors.get(`${route.method} ${route.path}`);
  if (successor === undefined) return;
  // What stands in the path was not checked where the request was refused: only an id goes into a header.
  const [, id] = /^\/api\/\w+\/([0-9a-f-]{36})(?:\/|$)/i.exec(c.req.path) ?? [];
  const address = id === undefined ? successor.replace(/\/:id.*$/, '') : successor.replace(':id', id);
  c.header('deprecation', since);
  c.header('link', `<${address}>; rel="successor-version"`);
});
