import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import { inWork } from '../../observability/context.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { inSpan, parseTraceparent, type Tracing } from '../../observability/tracing.ts';
import type { ApiEnv } from '../deps.ts';

export interface RequestWatchers {
  readonly metrics: Metrics | undefined;
  readonly tracing: Pick<Tracing, 'tracer'> | undefined;
  readonly logger: Logger;
}

/** Of a request that no route of ours took. Never its path: anybody can ask for a million of those. */
const noRoute = 'none';
/** Asked every few seconds for ever. */
const quiet = /^\/health/;

/**
 * Counts, times, logs and traces every request by method, route template and status. A caller's own `traceparent` is
 * gone on with. Needs the request's id to be set.
 */
export function watchRequests({ metrics, tracing, logger }: RequestWatchers): MiddlewareHandler<ApiEnv> {
  return (c, next) =>
    inWork({ requestId: c.get('requestId') }, async () => {
      const startedMs = performance.now();
      const method = knownMethods.has(c.req.method) ? c.req.method : 'other';
      const parent = parseTraceparent(c.req.header('traceparent')) ?? null;
      await inSpan(tracing ?? { tracer: undefined }, method, { kind: 'server', parent }, async (span) => {
        await next();
        const route = routeOf(c);
        const { status } = c.res;
        span?.updateName(`${method} ${route}`);
        span?.setAttributes({ 'http.route': route, 'http.response.status_code': status });
        const ms = performance.now() - startedMs;
        metrics?.requests.observe({ method, route, status: String(status) }, ms / 1_000);
        const fields = { method, route, status, ms: Math.round(ms) };
        logger[quiet.test(route) ? 'debug' : 'info'](fields, 'request');
      });
    });
}

function routeOf(c: Context<ApiEnv>): string {
  const route = routePath(c, -1);
  return c.res.status === 404 && route.endsWith('*') ? noRoute : route;
}

const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);
