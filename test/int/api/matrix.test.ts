import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedPermissions, publicRoutes } from '../../../api/access.ts';
import { inAccount } from '../../../db/client.ts';
import { makeKey } from '../../../domain/accounts/keys.ts';
import {
  type Holder,
  mayDo,
  type MemberRole,
  memberRoles,
  type Permission,
  permissionsOf,
  scopes,
} from '../../../domain/accounts/rules/permissions.ts';
import { type ApiWorld, ask, type Customer } from '../../support/api.ts';
import { type FilledIds, fillEveryTable } from '../../support/every-table.ts';
import { createPeopleWorld, type PeopleWorld, type Person } from '../../support/people.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

let messages: MessageWorld;
let api: ApiWorld;
let ids: FilledIds;
let people: PeopleWorld;
const members: (readonly [MemberRole, Person])[] = [];
beforeAll(async () => {
  messages = await createMessageWorld();
  ({ api } = messages);
  ids = await fillEveryTable(messages);
  people = createPeopleWorld(api);
  for (const role of memberRoles) members.push([role, await people.member(api.one.accountId, role)]);
});
afterAll(async () => {
  await people.close();
  await messages.close();
});

const nowhere = '11111111-1111-4111-8111-111111111111';

/** A path that the route takes; `ids` where it is the first account's own. */
function filled(path: string, of: Partial<FilledIds> = {}): string {
  const id = path.includes('/contacts/')
    ? of.contactId
    : path.includes('/batches/')
      ? of.batchId
      : path.includes('/imports/')
        ? of.importId
        : undefined;
  return path
    .replace(/:id\b/, id ?? nowhere)
    .replace(/:format\b/, 'md')
    .replace(/:\w+(\{[^/]*\})?/g, 'demo');
}

/** Each once: a route stands there for each of its handlers. */
const operations = (): readonly string[] => [
  ...new Set(
    api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
      .map(({ method, path }) => `${method} ${path}`)
      .filter((name) => !publicRoutes.has(name)),
  ),
];

async function keyOf(scoped: readonly Permission[] | null, of: Customer = api.one): Promise<Customer> {
  const editor = {
    accountId: of.accountId,
    actor: 'test',
    holder: { kind: 'key', role: 'account', scopes: null },
  } as const;
  const made = await inAccount(api.world.app, of.accountId, (trx) =>
    makeKey(trx, editor, {
      kind: 'api_key',
      label: 'matriz',
      role: 'account',
      scopes: scoped,
      networks: null,
      expiresAt: null,
    }),
  );
  return { accountId: of.accountId, apiKey: made.key };
}

/** What is asked of a route when only the judge is meant: nothing that it would take, so that nothing changes. */
async function judged(name: string, as: Customer | Person | undefined): Promise<number> {
  const [method = '', path = ''] = name.split(' ');
  const takesBody = method !== 'GET' && method !== 'DELETE';
  const body = takesBody ? { json: { '': '' } } : {};
  if (as !== undefined && 'send' in as) {
    return (await as.send(method, filled(path), { ...body, account: api.one.accountId })).status;
  }
  return (await ask(people.app, method, filled(path), { ...(as === undefined ? {} : { as }), ...body }))
    .status;
}

/** Of a request that could be right, whatever its answer is made of. */
async function statusOf(method: string, path: string, { apiKey }: Customer): Promise<number> {
  const body = method === 'GET' || method === 'DELETE' ? null : JSON.stringify({ reason: 'x' });
  const headers = {
    authorization: `Bearer ${apiKey}`,
    ...(body === null ? {} : { 'content-type': 'application/json' }),
  };
  const reply = await api.app.request(path, { method, headers, body });
  await reply.arrayBuffer();
  return reply.status;
}

describe('the matrix of permissions', () => {
  it('every operation × who asks: judged by the table, and by nothing else', async () => {
    const named = namedPermissions(api.app);
    const askers: readonly (readonly [string, Customer | Person | undefined, Holder | undefined])[] = [
      ...(await Promise.all(
        memberRoles.map(async (role) => {
          // `keys:…` and `members:…` are in nobody's scopes.
          const scoped = scopes.filter((one) => mayDo({ kind: 'member', role }, one));
          return [
            `a key with the scopes of ${role}`,
            await keyOf(scoped),
            { kind: 'key', role: 'account', scopes: scoped },
          ] as const;
        }),
      )),
      ...members.map(([role, member]) => [role, member, { kind: 'member', role }] as const),
      ['a key of the account', api.one, { kind: 'key', role: 'account', scopes: null }],
      ['a key of another account', api.other, { kind: 'key', role: 'account', scopes: null }],
      ['an administrator', api.administrator, { kind: 'key', role: 'administrator', scopes: null }],
      ['nobody', undefined, undefined],
    ];
    const wrong: string[] = [];
    let asked = 0;
    let allowed = 0;
    for (const name of operations()) {
      const permission = named.get(name);
      if (permission === undefined) {
        wrong.push(`${name} names no permission`);
        continue;
      }
      for (const [who, as, holder] of askers) {
        const status = await judged(name, as);
        const may = holder !== undefined && mayDo(holder, permission);
        const isShut = status === (holder === undefined ? 401 : 403);
        asked += 1;
        if (may) allowed += 1;
        // 503: this server keeps no secrets, which is for whoever was let in.
        if (may ? status === 401 || status === 403 || status === 500 : !isShut) {
          wrong.push(`${name} by ${who}: ${status}, ${permission} ${may ? 'is' : 'is not'} held`);
        }
      }
    }
    console.log(`matrix: ${operations().length} operations, ${asked} requests, ${allowed} let in`);
    expect(wrong).toEqual([]);
    // Each side of the table has been seen.
    expect(allowed).toBeGreaterThan(100);
    expect(asked - allowed).toBeGreaterThan(100);
  });

  it('what belongs to one account is not there for another, whoever asks', async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const name of operations()) {
      const [method = '', path = ''] = name.split(' ');
      const own = filled(path, ids);
      if (own === filled(path)) continue;
      for (const as of [api.other, api.administrator]) {
        const status = await statusOf(method, own, as);
        asked += 1;
        if (status < 400 || status === 403) wrong.push(`${name}: ${status}`);
      }
      if (method === 'GET') {
        const status = await statusOf(method, own, api.one);
        if (status !== 200) wrong.push(`${name} by its own: ${status}`);
      }
    }
    console.log(`matrix: ${asked} requests for what is another account's`);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(20);
  });
});

describe('who may see figures and no people', () => {
  it('finds no name, number, id or word of a person in any answer', async () => {
    const { app, one } = api;
    const viewer = await keyOf(['self:read', 'batches:read', 'contacts:read', 'explain:read']);
    const whole = await ask(app, 'GET', `/api/v1/contacts/${ids.contactId}`, { as: one });
    const { person, phones } = whole.body as {
      readonly person: { readonly name: string; readonly national_id: string | null };
      readonly phones: readonly { readonly number: string }[];
    };
    expect(phones.length).toBeGreaterThan(0);
    const secrets = [
      ...(person.national_id === null ? [] : [person.national_id]),
      ...person.name.split(' '),
      ...phones.map(({ number }) => number),
    ];
    for (const path of [
      `/api/v1/contacts/${ids.contactId}`,
      `/api/v1/contacts/${ids.contactId}/explain`,
      '/api/v1/contacts',
      `/api/v1/batches/${ids.batchId}`,
    ]) {
      const masked = await ask(app, 'GET', path, { as: viewer });
      expect(masked.status, path).toBe(200);
      const text = JSON.stringify(masked.body);
      expect(
        secrets.filter((secret) => text.includes(secret)),
        path,
      ).toEqual([]);
    }
    const masked = await ask(app, 'GET', `/api/v1/contacts/${ids.contactId}`, { as: viewer });
    expect(masked.body).toMatchObject({ id: ids.contactId, state: whole.body['state'] });
    const history = (body: Readonly<Record<string, unknown>>) =>
      body['history'] as readonly { readonly detail?: object }[];
    expect(history(masked.body)).toHaveLength(history(whole.body).length);
    // Free texts of operators, senders and providers: nobody knows whose name is in them.
    const details = (body: Readonly<Record<string, unknown>>): readonly string[] =>
      history(body).map(({ detail = {} }) => JSON.stringify(detail));
    expect(details(whole.body).some((detail) => detail !== '{}')).toBe(true);
    expect(details(masked.body).filter((detail) => detail !== '{}')).toEqual([]);
  });

  it('cannot find out either whether somebody is there', async () => {
    const viewer = await keyOf(['contacts:read', 'explain:read']);
    for (const path of ['/api/v1/contacts?national_id=12345678-5', '/api/v1/explain?who=12345678-5']) {
      const reply = await ask(api.app, 'GET', path, { as: viewer });
      expect(reply).toMatchObject({ status: 403, body: { permission: 'personal_data:read' } });
    }
  });

  it('without calls:listen sees people, and not what they said', async () => {
    const deaf = await keyOf(['contacts:read', 'personal_data:read']);
    const reply = await ask(api.app, 'GET', `/api/v1/contacts/${ids.contactId}`, { as: deaf });
    const text = JSON.stringify(reply.body);
    const whole = await ask(api.app, 'GET', `/api/v1/contacts/${ids.contactId}`, { as: api.one });
    const said = /"transcript":"([^"]+)"/.exec(JSON.stringify(whole.body))?.[1];
    expect(said).toBeDefined();
    expect(text).toContain(JSON.stringify(whole.body['person']));
    expect(text).not.toContain(said);
  });
});

describe('GET /api/v1/me', () => {
  it('says who asks, for which account, and all that may be done', async () => {
    const key = await keyOf(['self:read', 'batches:read']);
    const reply = await ask(api.app, 'GET', '/api/v1/me', { as: key });
    expect(reply).toMatchObject({
      status: 200,
      body: { kind: 'key', role: 'account', label: 'matriz', permissions: ['batches:read', 'self:read'] },
    });
    expect(reply.body['account']).toMatchObject({ id: api.one.accountId });
    const whole = await ask(api.app, 'GET', '/api/v1/me', { as: api.one });
    const all = permissionsOf({ kind: 'key', role: 'account', scopes: null });
    expect(whole.body['permissions']).toEqual([...all]);
  });
});
