import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { writeAudit } from '../../../domain/shared/queries-audit.ts';
import { sealRound } from '../../../relay/audit-sealer.ts';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
  const { accountId } = api.one;
  await inAccount(api.world.app, accountId, async (trx) => {
    for (let at = 0; at < 5; at += 1)
      await writeAudit(trx, {
        accountId,
        actor: at % 2 === 0 ? 'ana' : 'eva',
        action: at < 3 ? 'test.first' : 'test.second',
        subject: `s${at}`,
        detail: { at },
      });
  });
});
afterAll(() => api.close());

const list = async (query: string, as = api.one) => {
  const { status, body } = await ask(api.app, 'GET', `/api/v1/audit?${query}`, { as });
  expect(status, JSON.stringify(body)).toBe(200);
  const rows: readonly Readonly<Record<string, unknown>>[] = Array.isArray(body['rows']) ? body['rows'] : [];
  const next = body['next_cursor'];
  return { rows, cursor: typeof next === 'string' ? next : null };
};

it('lists what was done, the newest first, by pages, each row once', async () => {
  const subjects: unknown[] = [];
  const ids: unknown[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(
      `limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    subjects.push(...page.rows.map(({ subject }) => subject));
    ids.push(...page.rows.map(({ id }) => id));
    ({ cursor } = page);
  } while (cursor !== null);
  expect(subjects.slice(0, 5)).toEqual(['s4', 's3', 's2', 's1', 's0']);
  expect(new Set(ids).size).toBe(ids.length);
});

it('is looked through by who, what and to what', async () => {
  const of = async (query: string) => (await list(query)).rows.map(({ subject }) => subject);
  expect(await of('actor=eva')).toEqual(['s3', 's1']);
  expect(await of('action=test.second')).toEqual(['s4', 's3']);
  expect(await of('subject=s2')).toEqual(['s2']);
  expect(await of('subject=s2&actor=eva')).toEqual([]);
  expect((await ask(api.app, 'GET', '/api/v1/audit?who=eva', { as: api.one })).status).toBe(400);
  expect((await ask(api.app, 'GET', '/api/v1/audit?cursor=x', { as: api.one })).status).toBe(400);
});

it('shows the place of a row in the chain once it is sealed, and nobody another account’s', async () => {
  const [before] = (await list('subject=s4')).rows;
  expect(before).toMatchObject({ seal: null, erased: false, detail: { at: 4 } });
  await sealRound(api.world.app, api.world.system, 'recent');
  const [after] = (await list('subject=s4')).rows;
  expect(after).toMatchObject({
    seal: { no: expect.any(String), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect((await list('subject=s4', api.other)).rows).toEqual([]);
});
