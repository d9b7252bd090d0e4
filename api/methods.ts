import type { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './deps.ts';
import { type Problem, problem } from './problems.ts';

type Router = Pick<OpenAPIHono<ApiEnv>, 'router'>;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * The methods of a path, of the template that names it closest: a word in the template is before a parameter, from the
 * left, as OpenAPI says. So `/payments/reversals` has the methods of its own, and none of `/payments/{id}`. Empty: no
 * route of ours has the path.
 */
export function methodsAt({ router }: Router, path: string): readonly string[] {
  const found = methods.flatMap((method) =>
    router
      .match(method, path)[0]
      // What is registered for all methods is no route of ours, but what stands before them.
      .filter(([[, route]]) => route.method !== 'ALL')
      .map(([[, route]]) => ({ method, closeness: closenessOf(route.path) })),
  );
  const [closest] = found
    .map(({ closeness }) => closeness)
    .toSorted()
    .toReversed();
  return [...new Set(found.filter(({ closeness }) => closeness === closest).map(({ method }) => method))];
}

/** '11101': a 1 for each word of a template, a 0 for each parameter. Of two that one path fits, the greater is the closer. */
function closenessOf(template: string): string {
  return template
    .split('/')
    .map((part) => (/^[:*]/.test(part) ? '0' : '1'))
    .join('');
}

/** Answers 405 with `Allow` where the path is served, and not by this method. */
export function refuseOtherMethods(app: Router): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async (c, next) => {
    // The router answers HEAD as GET without a body.
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
    const served = methodsAt(app, c.req.path);
    if (served.length > 0 && !served.includes(method)) throw notAllowed(served);
    await next();
  });
}

function notAllowed(served: readonly string[]): Problem {
  const allowed = [...(served.includes('GET') ? ['HEAD'] : []), ...served].join(', ');
  return problem('method_not_allowed', { allowed }, { headers: { allow: allowed } });
}
