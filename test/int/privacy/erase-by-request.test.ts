import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask } from '../../support/api.ts';
import { nameRut } from '../../support/debts.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';
import { createBatch } from '../../support/world.ts';

let world: MessageWorld;
let api: ApiWorld;
beforeAll(async () => {
  world = await createMessageWorld();
  ({ api } = world);
});
afterAll(() => world.close());

let bodies = 15_000_000;
interface Debtor {
  readonly personId: string;
  readonly rut: string;
}
async function debtor(): Promise<Debtor> {
  bodies += 1;
  const rut = `${bodies}-${rutCheckDigit(bodies)}`;
  const { contacts } = await createBatch(api.world, {
    accountId: world.accountId,
    mode: 'live',
    people: [{}],
    openedAt: new Date(),
  });
  const personId = contacts[0]?.personId ?? '';
  await nameRut(api.world, personId, rut);
  return { personId, rut };
}

const send = (path: string, json: object, app = world.app) =>
  ask(app, 'POST', `/api/v1/${path}`, { as: api.one, json });
async function request(rut: string, kind = 'deletion'): Promise<string> {
  const { body } = await send('privacy/requests', {
    kind,
    channel: 'email',
    national_id: rut,
    details: `borren a ${rut}`,
  });
  return String(body['id']);
}
async function person(id: string) {
  const { rows } = await sql<{ national_id: string | null; erased: boolean; stop_reason: string | null }>`
    select national_id, erased_at is not null as erased, stop_reason from core.person where id = ${id}`.execute(
    api.world.owner,
  );
  return rows[0];
}

describe('a request for deletion', () => {
  it('that is granted erases the person and what the request says of them, and stops their contacts', async () => {
    const { personId, rut } = await debtor();
    const id = await request(rut);
    const { status, body } = await send(`privacy/requests/${id}/answer`, {
      answer: 'granted',
      text: `Se borró a ${rut}`,
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      answer: 'granted',
      answer_text: 'Se borró a [eliminado]',
      details: '',
      national_id: `erased:${personId}`,
    });
    expect(await person(personId)).toEqual({ national_id: null, erased: true, stop_reason: 'removed' });
    const { rows } = await sql<{ signal: string; payload: unknown }>`
      select o.signal, o.payload from operation.outbox o join core.contact k on k.id = o.contact_id
       where k.person_id = ${personId} and o.signal = 'contactStopped'`.execute(api.world.owner);
    expect(rows).toEqual([{ signal: 'contactStopped', payload: { reason: 'removed' } }]);
    const audit = await sql<{ action: string }>`
      select action from operation.audit where subject in (${personId}, ${id}) order by id`.execute(
      api.world.owner,
    );
    expect(audit.rows.map(({ action }) => action)).toEqual([
      'privacy.received',
      'privacy.answered',
      'person.stopped',
      'person.erased',
    ]);
  });

  it('that is refused keeps everything', async () => {
    const { personId, rut } = await debtor();
    const id = await request(rut);
    const said = await send(`privacy/requests/${id}/answer`, {
      answer: 'refused',
      text: 'Hay una deuda vigente',
    });
    expect(said.body).toMatchObject({ answer: 'refused', answer_text: 'Hay una deuda vigente' });
    expect(await person(personId)).toMatchObject({ national_id: rut, erased: false });
    const erased = await send(`people/${personId}/erase`, { reason: 'x', privacy_request_id: id });
    expect(erased).toMatchObject({ status: 409 });
  });

  it('is answered by erasing that names it, and only its own person’s', async () => {
    const [one, other] = [await debtor(), await debtor()];
    const id = await request(one.rut);
    const wrong = { reason: 'Carta', privacy_request_id: id };
    expect(await send(`people/${other.personId}/erase`, wrong)).toMatchObject({ status: 422 });
    const access = await request(one.rut, 'access');
    expect(
      await send(`people/${one.personId}/erase`, { reason: 'Carta', privacy_request_id: access }),
    ).toMatchObject({
      status: 422,
    });
    expect(await send(`people/${one.personId}/erase`, wrong)).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    const { body } = await ask(world.app, 'GET', `/api/v1/privacy/requests/${id}`, { as: api.one });
    expect(body).toMatchObject({ answer: 'granted', answer_text: 'Carta' });
    expect(await person(other.personId)).toMatchObject({ erased: false });
  });

  it('is not answered without the key that refuses the person later: nothing of it stays', async () => {
    const { personId, rut } = await debtor();
    const id = await request(rut);
    const keyless = await send(`privacy/requests/${id}/answer`, { answer: 'granted', text: 'x' }, api.app);
    expect(keyless.status).toBe(503);
    expect(await person(personId)).toMatchObject({ erased: false });
    const { body } = await ask(world.app, 'GET', `/api/v1/privacy/requests/${id}`, { as: api.one });
    expect(body).toMatchObject({ answer: null });
  });

  it('erases nobody of another account, and nobody twice at once', async () => {
    const { personId } = await debtor();
    const foreign = await ask(world.app, 'POST', `/api/v1/people/${personId}/erase`, {
      as: api.other,
      json: { reason: 'x' },
    });
    expect(foreign.status).toBe(404);
    const both = await Promise.all([1, 2].map(() => send(`people/${personId}/erase`, { reason: 'x' })));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(both.filter(({ body }) => body['changed'] === true)).toHaveLength(1);
  });

  it('tells who else has one of the numbers, and leaves it with them', async () => {
    const [one, other] = [await debtor(), await debtor()];
    await sql`
      update core.phone set e164 = (select e164 from core.phone where person_id = ${other.personId})
       where person_id = ${one.personId}`.execute(api.world.owner);
    const { body } = await send(`people/${one.personId}/erase`, { reason: 'x' });
    expect(body).toMatchObject({ others_of_numbers: [other.personId] });
    const { rows } = await sql`
      select 1 from core.phone where person_id = ${other.personId} and e164 like '+56%'`.execute(
      api.world.owner,
    );
    expect(rows).toHaveLength(1);
  });
});
