import { type ApiWorld, ask, type Reply } from './api.ts';
import { createBatch, type MadeBatch } from './world.ts';

/** A batch of one person under the Chilean waves, whose region is known. */
export async function chilean(api: ApiWorld): Promise<MadeBatch & { readonly contactId: string }> {
  const batch = await createBatch(api.world, {
    accountId: api.one.accountId,
    mode: 'live',
    people: [{}],
    openedAt: new Date(),
  });
  const contactId = batch.contacts[0]?.contactId ?? '';
  await api.world.owner
    .updateTable('core.person')
    .set({ zone: 'America/Santiago', region: 'Metropolitana' })
    .where('id', '=', await personOf(api, contactId))
    .execute();
  return { ...batch, contactId };
}

export async function personOf(api: ApiWorld, contactId: string): Promise<string> {
  const { person_id } = await api.world.owner
    .selectFrom('core.contact')
    .select('person_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();
  return person_id;
}

/** What the API says of a contact at an hour. */
export function explain(api: ApiWorld, contactId: string, at: string): Promise<Reply> {
  return ask(api.app, 'GET', `/api/v1/contacts/${contactId}/explain?at=${encodeURIComponent(at)}`, {
    as: api.one,
  });
}
