import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Metrics } from '../../observability/metrics.ts';
import type { ApiEnv } from '../deps.ts';

/** Of a request that no route of ours took. Never its path: anybody can ask for a million of those. */
const noRoute = 'none';

/** Counts and times every request by method, route template and status. */
export function countRequests({ requests }: Metrics): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const end = requests.startTimer();
    await next();
    const route = routePath(c, -1);
    end({
      method: knownMethods.has(c.req.method) ? c.req.method : 'other',
      route: c.res.status === 404 && route.endsWith('*') ? noRoute : route,
      status: String(c.res.status),
    });
  };
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
