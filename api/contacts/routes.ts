import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { mayDo } from '../../domain/accounts/rules/permissions.ts';
import { ownAccount } from '../../domain/shared/queries-account.ts';
import { listContacts } from '../../domain/contacts/queries-list.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { normaliseNationalId } from '../../domain/people/rules/national-id.ts';
import { changeContact, rescheduleContact, viewContact } from '../../domain/contacts/contacts.ts';
import { retryContact } from '../../domain/contacts/retry-contact.ts';
import { notPermitted } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import { contactFor, type Eyes, rowFor } from './masked.ts';
import { presentChanged, presentContactRow, presentLive, readContactJson } from './present.ts';
import * as route from './route-definitions.ts';
import { retriedSchema } from './schemas.ts';

export function contactRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addReads(router, deps);
  addChanges(router, deps);
  addRetry(router, deps);
  return router;
}

function addReads(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(route.list, async (c) => {
    const { cursor, limit, batch_id, state, outcome, national_id } = c.req.valid('query');
    const eyes = eyesOf(c);
    // Who may see nobody's number must not find out either whether somebody's is there.
    if (national_id !== undefined && !eyes.seesPeople) throw notPermitted('personal_data:read');
    const page = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      const nationalId = national_id === undefined ? undefined : await canonical(trx, national_id);
      const wanted = { batchId: batch_id, state, outcome, nationalId, after: cursor };
      const { shown, next_cursor } = await pageOf(
        limit,
        (most) => listContacts(trx, { ...wanted, limit: most }),
        byId,
      );
      return { contacts: shown.map((row) => rowFor(eyes, presentContactRow(row))), next_cursor };
    });
    return c.json(page, 200);
  });
  router.openapi(route.get, async (c) => {
    const { id } = c.req.valid('param');
    const { accountId } = c.get('caller');
    const contact = await inAccount(deps.app, accountId, (trx) => readContactJson(trx, id));
    // After the transaction: a slow workflow must not hold a connection.
    const view = await viewContact(deps, accountId, { id, state: contact.state });
    const live = view === undefined ? null : presentLive(view);
    return c.json({ ...contactFor(eyesOf(c), contact), live }, 200);
  });
}

function eyesOf(c: Context<ApiEnv>): Eyes {
  const { holder } = c.get('caller');
  return { seesPeople: mayDo(holder, 'personal_data:read'), listens: mayDo(holder, 'calls:listen') };
}

/** As the import spelled it; what is no national id is looked for as it stands, and not found. */
async function canonical(trx: Trx, nationalId: string): Promise<string> {
  const { country } = await ownAccount(trx);
  const read = normaliseNationalId(nationalId, country);
  return read.ok ? read.value : nationalId;
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
    const { id: contactId } = c.req.valid('param');
    const content = c.req.valid('json');
    const caller = callerOf(c);
    const { accountId } = caller;
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const { run } = await retryContact(trx, caller, { contactId, reason: content.reason });
      return { status: 201, body: { contact_id: contactId, run } };
    });
    return c.json(retriedSchema.parse(answer.body), 201);
  });
}
