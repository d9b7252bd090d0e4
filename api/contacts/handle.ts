import type { z } from '@hono/zod-openapi';
import { viewContact } from '../../domain/contacts/contacts.ts';
import { type ContactFilter, listContacts } from '../../domain/contacts/queries-list.ts';
import { retryContact } from '../../domain/contacts/retry-contact.ts';
import { normaliseNationalId } from '../../domain/people/rules/national-id.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { ownAccount } from '../../domain/shared/queries-account.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { notPermitted } from '../access.ts';
import type { ApiCaller, ApiDeps } from '../deps.ts';
import { keyed, type KeyedRequest } from '../keyed.ts';
import { byId, pageOf } from '../page.ts';
import { contactFor, eyesOf, rowFor } from './masked.ts';
import { type ContactJson, presentContactRow, presentLive, readContactJson } from './present.ts';
import { type contactPageSchema, retriedSchema } from './schemas.ts';

/** What the routes of contacts do, by whichever path they are asked. */

interface WantedPage {
  readonly cursor?: string | undefined;
  readonly limit: number;
  /** In any spelling. */
  readonly national_id?: string | undefined;
  readonly wanted: Omit<ContactFilter, 'nationalId' | 'after' | 'limit'>;
}

export async function readContactPage(
  { app }: ApiDeps,
  caller: ApiCaller,
  { cursor, limit, national_id, wanted }: WantedPage,
): Promise<z.infer<typeof contactPageSchema>> {
  const eyes = eyesOf(caller);
  // Who may see nobody's number must not find out either whether somebody's is there.
  if (national_id !== undefined && !eyes.seesPeople) throw notPermitted('personal_data:read');
  return inAccount(app, caller.accountId, async (trx) => {
    const nationalId = national_id === undefined ? undefined : await canonical(trx, national_id);
    const filter = { ...wanted, nationalId, after: cursor };
    const { shown, next_cursor } = await pageOf(
      limit,
      (most) => listContacts(trx, { ...filter, limit: most }),
      byId,
    );
    return { contacts: shown.map((row) => rowFor(eyes, presentContactRow(row))), next_cursor };
  });
}

export async function readOneContact(deps: ApiDeps, caller: ApiCaller, id: string): Promise<ContactJson> {
  const { accountId } = caller;
  const contact = await inAccount(deps.app, accountId, (trx) => readContactJson(trx, id));
  // After the transaction: a slow workflow must not hold a connection.
  const view = await viewContact(deps, accountId, { id, state: contact.state });
  const live = view === undefined ? null : presentLive(view);
  return { ...contactFor(eyesOf(caller), contact), live };
}

/** Once per `Idempotency-Key`; the answer of a repeated request is that of the first. */
export async function retryOneContact(
  deps: ApiDeps,
  caller: Caller,
  { contactId, reason }: { readonly contactId: string; readonly reason: string },
  request: Pick<KeyedRequest, 'key' | 'method' | 'path'>,
): Promise<z.infer<typeof retriedSchema>> {
  const { accountId } = caller;
  const answer = await keyed(deps, { accountId, ...request, content: { reason } }, async (trx) => {
    const { run } = await retryContact(trx, caller, { contactId, reason });
    return { status: 201, body: { contact_id: contactId, run } };
  });
  return retriedSchema.parse(answer.body);
}

/** As the import spelled it; what is no national id is looked for as it stands, and not found. */
async function canonical(trx: Trx, nationalId: string): Promise<string> {
  const { country } = await ownAccount(trx);
  const read = normaliseNationalId(nationalId, country);
  return read.ok ? read.value : nationalId;
}
