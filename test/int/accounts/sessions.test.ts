import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiWorld, type ApiWorld } from '../../support/api.ts';
import {
  codeIn,
  createPeopleWorld,
  goodPassword,
  type PeopleWorld,
  takeMails,
} from '../../support/people.ts';

let api: ApiWorld;
let people: PeopleWorld;
beforeAll(async () => {
  api = await createApiWorld();
  people = createPeopleWorld(api);
});
afterAll(async () => {
  await people.close();
  await api.close();
});

describe('a forgotten password', () => {
  it('is chosen anew with the code of a mail, once; every session ends', async () => {
    const ana = await people.member(api.one.accountId, 'operator');
    await takeMails(api);
    const one = people.browser();
    for (const email of ['nadie@ejemplo.cl', ana.email]) {
      expect((await one.send('POST', '/api/v1/auth/password/forgotten', { json: { email } })).status).toBe(
        202,
      );
    }
    const mails = await takeMails(api);
    expect(mails.map(({ recipient }) => recipient)).toEqual([ana.email]);
    const token = codeIn(mails[0]);
    const reset = (next: string) =>
      one.send('POST', '/api/v1/auth/password/reset', { json: { token, new_password: next } });
    expect((await reset('corta')).status).toBe(400);
    // Its code is not used up by a password that is not taken.
    expect((await reset('contraseña12345')).status).toBe(422);
    expect((await reset('otra contraseña larga')).status).toBe(204);
    expect((await reset('y otra contraseña larga')).status).toBe(401);
    expect((await ana.send('GET', '/api/v1/auth/session')).status).toBe(401);
    const signIn = (password: string) =>
      one.send('POST', '/api/v1/auth/sign-in', { json: { email: ana.email, password } });
    expect((await signIn(goodPassword)).status).toBe(401);
    expect((await signIn('otra contraseña larga')).status).toBe(200);
  });

  it('is not asked for without end', async () => {
    const { email } = await people.member(api.one.accountId, 'viewer');
    const statuses = await Promise.all(
      Array.from({ length: 8 }, () =>
        people.browser().send('POST', '/api/v1/auth/password/forgotten', { json: { email } }),
      ),
    );
    expect(statuses.filter(({ status }) => status === 202)).toHaveLength(3);
  });
});

describe('sessions', () => {
  it('are listed without what opens them, and ended one by one, or all others', async () => {
    const ana = await people.member(api.one.accountId, 'operator');
    const others = [people.browser(), people.browser()];
    for (const one of others) {
      await one.send('POST', '/api/v1/auth/sign-in', { json: { email: ana.email, password: goodPassword } });
    }
    const listed = await ana.send('GET', '/api/v1/auth/sessions');
    const sessions = Array.isArray(listed.body['sessions']) ? listed.body['sessions'] : [];
    expect(sessions).toHaveLength(3);
    for (const value of ana.cookies.values()) {
      expect(JSON.stringify(listed.body)).not.toContain(decodeURIComponent(value).split('.')[0]);
    }
    const foreign = await people.member(api.one.accountId, 'operator');
    const [first] = sessions.filter(({ current }) => current === false);
    // Somebody else's id ends nothing.
    await foreign.send('DELETE', `/api/v1/auth/sessions/${first?.id}`);
    expect((await ana.send('GET', '/api/v1/auth/sessions')).body['sessions']).toHaveLength(3);
    await ana.send('DELETE', `/api/v1/auth/sessions/${first?.id}`);
    expect((await ana.send('GET', '/api/v1/auth/sessions')).body['sessions']).toHaveLength(2);
    expect((await ana.send('DELETE', '/api/v1/auth/sessions')).status).toBe(204);
    expect((await ana.send('GET', '/api/v1/auth/sessions')).body['sessions']).toHaveLength(1);
    for (const one of others) expect((await one.send('GET', '/api/v1/auth/session')).status).toBe(401);
  });

  it('begin with a link, once, within its time', async () => {
    const ana = await people.member(api.one.accountId, 'viewer');
    const token = await people.signIn.makeLink(ana.userId, 5);
    const one = people.browser();
    const reply = await one.send('GET', `/api/v1/auth/link?token=${token}`);
    expect({ status: reply.status, to: reply.headers.get('location') }).toEqual({ status: 303, to: '/' });
    expect((await one.send('GET', '/api/v1/auth/session')).body).toMatchObject({ email: ana.email });
    const again = await people.browser().send('GET', `/api/v1/auth/link?token=${token}`);
    expect(again).toMatchObject({ status: 401, body: { type: 'urn:tandas:problem:link_invalid' } });
    const late = await people.signIn.makeLink(ana.userId, -1);
    expect((await people.browser().send('GET', `/api/v1/auth/link?token=${late}`)).status).toBe(401);
  });
});
