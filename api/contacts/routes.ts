import type { OpenAPIHono } from '@hono/zod-openapi';
import { changeContact, rescheduleContact } from '../../domain/contacts/contacts.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { readContactPage, readOneContact, retryOneContact } from './handle.ts';
import { presentChanged } from './present.ts';
import * as route from './route-definitions.ts';

export function contactRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addReads(router, deps);
  addChanges(router, deps);
  addRetry(router, deps);
  return router;
}

function addReads(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.list, async (c) => {
    const { batch_id: batchId, state, outcome, ...page } = c.req.valid('query');
    const wanted = { batchId, state, outcome };
    return c.json(await readContactPage(deps, c.get('caller'), { ...page, wanted }), 200);
  });
  router.openapi(route.get, async (c) =>
    c.json(await readOneContact(deps, c.get('caller'), c.req.valid('param').id), 200),
  );
}

function addChanges(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.reschedule, async (c) => {
    const { id: contactId } = c.req.valid('param');
    const { reason, requested_by: requestedBy, ...wish } = c.req.valid('json');
    const view = await rescheduleContact(deps, callerOf(c), { contactId, wish, reason, requestedBy });
    return c.json(presentChanged(contactId, view), 200);
  });
  for (const [action, definition] of route.changes) {
    router.openapi(definition, async (c) => {
      const { id: contactId } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const view = await changeContact(deps, callerOf(c), { contactId, action, reason });
      return c.json(presentChanged(contactId, view), 200);
    });
  }
}

function addRetry(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.retry, async (c) => {
    const request = { key: c.req.valid('header')['idempotency-key'], method: c.req.method, path: c.req.path };
    const { id: contactId } = c.req.valid('param');
    return c.json(
      await retryOneContact(deps, callerOf(c), { contactId, ...c.req.valid('json') }, request),
      201,
    );
  });
}
