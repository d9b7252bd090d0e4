import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiWorld, type ApiWorld } from '../../support/api.ts';
import {
  addSecondFactor,
  codeIn,
  createPeopleWorld,
  goodPassword,
  type PeopleWorld,
  takeMails,
  totp,
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

describe('signing in', () => {
  it('gives a session for an address and its password, in any case, and none for another', async () => {
    const { email } = await people.member(api.one.accountId, 'operator');
    const one = people.browser();
    for (const wrong of [
      { email, password: 'otra contraseña' },
      { email: 'nadie@ejemplo.cl', password: goodPassword },
    ]) {
      const refused = await one.send('POST', '/api/v1/auth/sign-in', { json: wrong });
      expect(refused).toMatchObject({ status: 401, body: { type: 'urn:tandas:problem:wrong_password' } });
    }
    expect((await one.send('GET', '/api/v1/auth/session')).status).toBe(401);
    const taken = await one.send('POST', '/api/v1/auth/sign-in', {
      json: { email: email.toUpperCase(), password: goodPassword },
    });
    expect(taken).toMatchObject({ status: 200, body: { second_factor: false } });
    const session = await one.send('GET', '/api/v1/auth/session');
    expect(session.body).toMatchObject({
      email,
      second_factor: false,
      accounts: [{ id: api.one.accountId, role: 'operator' }],
    });
    expect((await one.send('POST', '/api/v1/auth/sign-out')).status).toBe(204);
    expect((await one.send('GET', '/api/v1/auth/session')).status).toBe(401);
  });

  it('waits after five wrong passwords of an address; another one of the same office does not', async () => {
    const ana = await people.member(api.one.accountId, 'operator');
    const bea = await people.member(api.one.accountId, 'agent');
    const app = api.appWith({
      people: { signIn: people.signIn, baseUrl: 'http://panel.example' },
      addressOf: () => '203.0.113.5',
    });
    const guess = async (email: string, password: string): Promise<Response> =>
      app.request('/api/v1/auth/sign-in', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password }),
      });
    const guesses = await Promise.all(Array.from({ length: 50 }, (_, n) => guess(ana.email, `intento ${n}`)));
    const statuses = guesses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(45);
    expect(Number(guesses.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(
      60,
    );
    expect((await guess(bea.email, goodPassword)).status).toBe(200);
    // The right one waits too: whoever guesses must not learn that it was right.
    expect((await guess(ana.email, goodPassword)).status).toBe(429);
  });

  it('is refused to a page of another site, and to one that does not say where it is from', async () => {
    const one = await people.member(api.one.accountId, 'operator');
    const account = api.one.accountId;
    for (const origin of ['http://evil.example', 'null', 'http://panel.example.evil.example']) {
      const reply = await one.send('POST', '/api/v1/auth/sign-out', { headers: { origin } });
      expect(reply, origin).toMatchObject({
        status: 403,
        body: { type: 'urn:tandas:problem:foreign_origin' },
      });
      const json = { label: 'x' };
      expect((await one.send('POST', '/api/v1/batches', { account, json, headers: { origin } })).status).toBe(
        403,
      );
    }
    const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const silent = await people.app.request('/api/v1/auth/sign-out', { method: 'POST', headers: { cookie } });
    expect(silent.status).toBe(403);
  });

  it('keeps the session cookie from scripts and from other sites', async () => {
    const { email } = await people.member(api.one.accountId, 'viewer');
    const reply = await people
      .browser()
      .send('POST', '/api/v1/auth/sign-in', { json: { email, password: goodPassword } });
    const [cookie = ''] = reply.headers.getSetCookie();
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=lax/i);
    expect(JSON.stringify(reply.body)).not.toMatch(/token/i);
  });
});

describe('the second factor', () => {
  it('is needed by an owner for everything but themselves, and not by others', async () => {
    const { signIn } = people;
    const owner = await people.member(api.one.accountId, 'owner');
    const account = api.one.accountId;
    expect((await owner.send('GET', '/api/v1/batches', { account })).status).toBe(200);
    await expect(signIn.findPerson(owner.email)).resolves.toBeDefined();
    const off = await owner.send('DELETE', '/api/v1/auth/second-factor', {
      json: { password: goodPassword },
    });
    expect(off.status).toBe(204);
    expect(await owner.send('GET', '/api/v1/batches', { account })).toMatchObject({
      status: 403,
      body: { type: 'urn:tandas:problem:second_factor_needed' },
    });
    expect((await owner.send('GET', '/api/v1/me', { account })).status).toBe(200);
    await addSecondFactor(owner);
    expect((await owner.send('GET', '/api/v1/batches', { account })).status).toBe(200);
  });

  it('asks for a code before there is a session, and takes each code once, however many ask at once', async () => {
    const { email, secret = '' } = await people.member(api.one.accountId, 'owner');
    const browsers = Array.from({ length: 5 }, () => people.browser());
    for (const one of browsers) {
      const first = await one.send('POST', '/api/v1/auth/sign-in', {
        json: { email, password: goodPassword },
      });
      expect(first).toMatchObject({ status: 200, body: { second_factor: true } });
      expect((await one.send('GET', '/api/v1/auth/session')).status).toBe(401);
    }
    const code = totp(secret);
    const replies = await Promise.all(
      browsers.map((one) => one.send('POST', '/api/v1/auth/code', { json: { code } })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 401, 401, 401, 401]);
    const refused = replies.find(({ status }) => status === 401);
    expect(refused?.body).toMatchObject({ type: 'urn:tandas:problem:code_used' });
    const sessions = await Promise.all(browsers.map((one) => one.send('GET', '/api/v1/auth/session')));
    expect(sessions.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('takes a backup code once, and says of a wrong one that it is wrong', async () => {
    const person = await people.member(api.one.accountId, 'operator');
    const started = await person.send('POST', '/api/v1/auth/second-factor', {
      json: { password: goodPassword },
    });
    const { uri, backup_codes: codes } = started.body;
    const secret = new URL(String(uri)).searchParams.get('secret') ?? '';
    expect((await person.send('POST', '/api/v1/auth/code', { json: { code: totp(secret) } })).status).toBe(
      204,
    );
    const [backup = ''] = Array.isArray(codes) ? codes.map(String) : [];
    for (const expected of [204, 401]) {
      const one = people.browser();
      await one.send('POST', '/api/v1/auth/sign-in', {
        json: { email: person.email, password: goodPassword },
      });
      const reply = await one.send('POST', '/api/v1/auth/backup-code', { json: { code: backup } });
      expect(reply.status).toBe(expected);
    }
  });
});

describe('a person of several accounts', () => {
  it('names one; what they may do is what they are there, and holds from the next request on', async () => {
    const owner = await people.member(api.one.accountId, 'owner');
    const ana = await people.member(api.one.accountId, 'viewer');
    const account = api.one.accountId;
    // The only one needs no name for looking, and one for changing.
    expect((await ana.send('GET', '/api/v1/me')).body).toMatchObject({ role: 'viewer', kind: 'member' });
    expect((await ana.send('GET', '/api/v1/tasks', { account })).status).toBe(403);
    const promoted = await owner.send('PATCH', `/api/v1/members/${ana.memberId}`, {
      account,
      json: { role: 'agent' },
    });
    expect(promoted).toMatchObject({ status: 200, body: { role: 'agent' } });
    expect((await ana.send('GET', '/api/v1/tasks', { account })).status).toBe(200);
    const other = await ana.send('GET', '/api/v1/batches', { account: api.other.accountId });
    expect(other).toMatchObject({ status: 403, body: { type: 'urn:tandas:problem:not_a_member' } });
    expect((await owner.send('DELETE', `/api/v1/members/${ana.memberId}`, { account })).status).toBe(204);
    expect((await ana.send('GET', '/api/v1/tasks', { account })).status).toBe(403);
    expect((await ana.send('GET', '/api/v1/auth/session')).body).toMatchObject({ accounts: [] });
  });

  it('an account keeps its last owner', async () => {
    const account = api.other.accountId;
    const one = await people.member(account, 'owner');
    for (const attempt of [
      one.send('DELETE', `/api/v1/members/${one.memberId}`, { account }),
      one.send('PATCH', `/api/v1/members/${one.memberId}`, { account, json: { role: 'viewer' } }),
    ]) {
      expect(await attempt).toMatchObject({ status: 409, body: { type: 'urn:tandas:problem:last_owner' } });
    }
    const two = await people.member(account, 'owner');
    // Each removes the other, at once: one of them stays.
    const both = await Promise.all([
      one.send('DELETE', `/api/v1/members/${two.memberId}`, { account }),
      two.send('DELETE', `/api/v1/members/${one.memberId}`, { account }),
    ]);
    const [done, refused] = both.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(done).toBe(204);
    // Whose request came behind the removal is nobody there any more.
    expect([403, 409]).toContain(refused);
    expect(
      (
        await api.world.owner
          .selectFrom('catalogue.member')
          .select('id')
          .where('account_id', '=', account)
          .where('role', '=', 'owner')
          .where('removed_at', 'is', null)
          .execute()
      ).length,
    ).toBe(1);
  });
});

describe('an invitation', () => {
  it('goes by mail, is accepted once by whoever is new, and makes them what it says', async () => {
    const owner = await people.member(api.one.accountId, 'owner');
    const account = api.one.accountId;
    await takeMails(api);
    const json = { email: ' Carla@Ejemplo.cl ', role: 'operator' };
    const made = await owner.send('POST', '/api/v1/invitations', {
      account,
      json: { ...json, email: json.email.trim() },
    });
    expect(made).toMatchObject({ status: 201, body: { email: 'carla@ejemplo.cl', role: 'operator' } });
    const [mail] = await takeMails(api);
    expect(mail).toMatchObject({ recipient: 'carla@ejemplo.cl' });
    expect(mail?.body).toContain('operador');
    const token = codeIn(mail);
    // What was sent is not kept: it opens an account.
    const kept = await api.world.owner
      .selectFrom('operation.mail')
      .select('body')
      .where('id', '=', mail?.id ?? '')
      .execute();
    expect(kept).toEqual([{ body: '' }]);
    const accept = (given: object) =>
      people.browser().send('POST', '/api/v1/auth/invitations', { json: given });
    expect(await accept({ token })).toMatchObject({ status: 422, body: { errors: [{ field: 'name' }] } });
    expect((await accept({ token, name: 'Carla', password: 'corta' })).status).toBe(400);
    for (const password of ['contraseña2026', 'carla@ejemplo.cl', 'qwertyuiop123456'])
      expect(await accept({ token, name: 'Carla', password }), password).toMatchObject({
        status: 422,
        body: { type: 'urn:tandas:problem:password_guessable' },
      });
    const both = await Promise.all(
      [1, 2].map(() => accept({ token, name: 'Carla', password: goodPassword })),
    );
    expect(
      both.filter(({ status }) => status === 201),
      JSON.stringify(both.map(({ body }) => body)),
    ).toHaveLength(1);
    const carla = people.browser();
    await carla.send('POST', '/api/v1/auth/sign-in', {
      json: { email: 'carla@ejemplo.cl', password: goodPassword },
    });
    expect((await carla.send('GET', '/api/v1/me', { account })).body).toMatchObject({
      role: 'operator',
      label: 'Carla',
    });
    expect((await accept({ token, name: 'Otra', password: goodPassword })).status).toBe(404);
    expect(
      await owner.send('POST', '/api/v1/invitations', {
        account,
        json: { ...json, email: 'carla@ejemplo.cl' },
      }),
    ).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:already_member' },
    });
  });

  it('of somebody who is known opens only for them', async () => {
    const ana = await people.member(api.one.accountId, 'viewer');
    const owner = await people.member(api.other.accountId, 'owner');
    const account = api.other.accountId;
    await takeMails(api);
    await owner.send('POST', '/api/v1/invitations', { account, json: { email: ana.email, role: 'agent' } });
    const token = codeIn((await takeMails(api))[0]);
    const stranger = people.browser();
    const json = { token, name: 'Otra', password: goodPassword };
    expect(await stranger.send('POST', '/api/v1/auth/invitations', { json })).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:sign_in_first' },
    });
    expect((await ana.send('POST', '/api/v1/auth/invitations', { json: { token } })).status).toBe(201);
    expect((await ana.send('GET', '/api/v1/me', { account })).body).toMatchObject({ role: 'agent' });
    // Of two accounts, one must be named.
    expect(await ana.send('GET', '/api/v1/me')).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:account_not_named' },
    });
  });

  it('that is taken back, or made anew for the same address, opens nothing', async () => {
    const owner = await people.member(api.one.accountId, 'owner');
    const account = api.one.accountId;
    await takeMails(api);
    const json = { email: 'dora@ejemplo.cl', role: 'viewer' };
    await owner.send('POST', '/api/v1/invitations', { account, json });
    const second = await owner.send('POST', '/api/v1/invitations', { account, json });
    const [first, last] = (await takeMails(api)).map(codeIn);
    const accept = (token: string | undefined) =>
      people
        .browser()
        .send('POST', '/api/v1/auth/invitations', { json: { token, name: 'Dora', password: goodPassword } });
    expect((await accept(first)).status).toBe(404);
    const gone = await owner.send('DELETE', `/api/v1/invitations/${String(second.body['id'])}`, { account });
    expect(gone.status).toBe(204);
    expect((await accept(last)).status).toBe(404);
    expect((await owner.send('GET', '/api/v1/invitations', { account })).body).toEqual({ invitations: [] });
  });
});
