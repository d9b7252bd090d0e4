import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { isPermission, mayDo, type Permission, rolesOf } from '../domain/accounts/rules/permissions.ts';
import { authenticate } from './auth.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';
import type { Doorkeeper } from './limits.ts';
import { knownParameters, requireKnown, servedName } from './parameters.ts';
import { type Problem, problem } from './problems.ts';
import { signInDoors } from './sign-in/doors.ts';

const extension = 'x-permission';

/** Says in a route's definition who may call it: `createRoute({ …, ...access('batches:read') })`. Shown in the OpenAPI. */
export function access(permission: Permission) {
  return { security: [{ apiKey: [] }, { session: [] }], [extension]: permission };
}

/** Routes below `/api/` that neither a key nor a role opens, each with what opens it instead. Whatever is not here is closed. */
export const publicRoutes: ReadonlyMap<string, string> = new Map([
  ['POST /api/v1/webhooks/retell/:account', 'the signature of the voice provider, over the raw body'],
  [
    'POST /api/v1/webhooks/retell/:account/functions',
    'the signature of the voice provider, over the raw body',
  ],
  ['POST /api/v1/webhooks/inbound/:account', "Standard Webhooks' signature with the account's secret"],
  ['GET /api/v1/recordings/:id', 'our own signature in the address, for five minutes'],
  ['GET /api/v1/webhooks/whatsapp/:account{[A-Za-z0-9-]{2,40}}', "Meta's verify token of the account"],
  ['POST /api/v1/webhooks/whatsapp/:account{[A-Za-z0-9-]{2,40}}', "Meta's signature, over the raw body"],
  ['POST /api/v1/webhooks/mercadopago/:account{[A-Za-z0-9-]{2,40}}', "Mercado Pago's signature"],
  ['POST /api/v1/webhooks/orders/mercadopago', "Mercado Pago's signature, with our own secret"],
  ['POST /api/v1/webhooks/orders/stripe', "Stripe's signature, over the raw body"],
  ...signInDoors,
]);

/**
 * Closes everything below `/api/`: a route that is not public needs somebody who holds the permission that the route
 * names. A route that names none is refused to everybody, so that a new one that forgot it is shut, not open. So is
 * a query parameter that the route does not know: a filter that was misspelled would return everybody.
 */
export function closedByDefault(
  app: OpenAPIHono<ApiEnv>,
  deps: Pick<ApiDeps, 'app' | 'people'> & { readonly doorkeeper: Doorkeeper },
): MiddlewareHandler<ApiEnv> {
  let named: ReadonlyMap<string, Permission> | undefined;
  let parameters: ReturnType<typeof knownParameters> | undefined;
  return createMiddleware<ApiEnv>(async (c, next) => {
    // The first is the one that answers.
    const route = matchedRoutes(c).find(({ method }) => method !== 'ALL');
    // No handler: the answer is the same 404 for everybody, and costs no look-up.
    if (route === undefined) return next();
    const name = `${route.method} ${route.path}`;
    if (publicRoutes.has(name)) return next();
    const caller = await authenticate(deps, c);
    // Read at the first request: every route is there by then.
    named ??= namedPermissions(app);
    const permission = named.get(name);
    if (permission === undefined) throw problem('no_permission_named');
    if (!mayDo(caller.holder, permission)) throw notPermitted(permission);
    if (caller.lacksSecondFactor && permission !== 'self:read') throw problem('second_factor_needed');
    parameters ??= knownParameters(app);
    requireKnown(Object.keys(c.req.queries()), parameters.get(name)?.query ?? []);
    // A body of which every field may be left out is still a body: without one a slip would be a change of nothing.
    if (parameters.get(name)?.takesJson === true && c.req.header('content-type') === undefined) {
      throw problem('unsupported_media_type');
    }
    return next();
  });
}

/** The permission of each route, by its method and path as the router writes them. */
export function namedPermissions(app: OpenAPIHono<ApiEnv>): ReadonlyMap<string, Permission> {
  return new Map(
    app.openAPIRegistry.definitions.flatMap((definition): readonly (readonly [string, Permission])[] => {
      if (definition.type !== 'route') return [];
      const permission: unknown = definition.route[extension];
      return isPermission(permission) ? [[servedName(definition.route), permission]] : [];
    }),
  );
}

/** The 403 of whoever lacks a permission that a part of an answer needs. */
export function notPermitted(permission: Permission): Problem {
  // Nobody of an account can be given what no role holds.
  const code = rolesOf[permission].length === 0 ? 'administrator_only' : 'not_permitted';
  return problem(code, { permission }, { extra: { permission } });
}
