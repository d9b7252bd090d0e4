import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit } from '../../../audit/run.ts';
import { erasable, erasedColumns } from '../../../domain/privacy/rules/erased-columns.ts';
import { freeLine } from '../../../domain/lines/queries-lines.ts';
import { isUnderWay } from '../../../domain/privacy/queries-person.ts';
import { sealRound } from '../../../relay/audit-sealer.ts';
import { ask, dialOne } from '../../support/api.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';
import {
  deliverStatus,
  endCall,
  file,
  foundIn,
  type Lived,
  liveOne,
  planted,
  plantEverywhere,
  upload,
} from './erased-person.ts';

let world: MessageWorld;
let lived: Lived;
beforeAll(async () => {
  world = await createMessageWorld();
  lived = await liveOne(world);
});
afterAll(() => world.close());

/** What this world breaks by itself: its live batches are on lines of rehearsals. */
let brokenBefore: readonly string[];
async function broken(): Promise<readonly string[]> {
  const report = await runAudit({ databaseUrl: world.api.world.url, looks: 1 });
  return report.invariants.flatMap(({ name, breaches, breachCount }) =>
    breachCount === 0 ? [] : [name, ...new Set(breaches.map(({ detail }) => detail))],
  );
}

const owner = () => world.api.world.owner;
const erase = (json: object, key?: string) =>
  ask(world.app, 'POST', `/api/v1/people/${lived.debtor.personId}/erase`, {
    as: world.api.one,
    json,
    ...(key === undefined ? {} : { key }),
  });

describe('the table of verdicts', () => {
  it('has every column of text or JSON of the database, and no other', async () => {
    const { rows } = await sql<{ name: string }>`
      select n.nspname || '.' || c.relname || '.' || a.attname as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where n.nspname in ('catalogue', 'core', 'operation', 'identity', 'public') and c.relkind in ('r', 'p')
         and not c.relispartition
         and format_type(a.atttypid, null) in ('text', 'jsonb', 'json', 'text[]', 'character varying', 'xml', 'citext')`.execute(
      owner(),
    );
    const judged = erasedColumns.flatMap(
      ({ table, gone = {}, parts = [], uniqueParts = [], none = [], kept = {} }) =>
        [...Object.keys(gone), ...parts, ...uniqueParts, ...none, ...Object.keys(kept)].map(
          (column) => `${table}.${column}`,
        ),
    );
    expect(judged.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
  });

  it('is what the role may change, and the role may do nothing else', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_schema || '.' || table_name || '.' || column_name as name from information_schema.column_privileges
       where grantee = 'tandas_privacy' and privilege_type = 'UPDATE'`.execute(owner());
    const allowed = erasedColumns.flatMap((verdict) =>
      erasable(verdict).map((column) => `${verdict.table}.${column}`),
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual(allowed.toSorted());
    const { rows: others } = await sql<{ what: string }>`
      select table_name || ' ' || privilege_type as what from information_schema.table_privileges
       where grantee = 'tandas_privacy' and privilege_type <> 'SELECT'`.execute(owner());
    expect(others).toEqual([]);
  });
});

describe('erasing during a call', () => {
  it('is refused while the provider has a call of theirs, and changes nothing', async () => {
    expect(await erase({ reason: 'lo pidió' })).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:person_under_way' },
    });
    const { rows } = await sql`select name from core.person where id = ${lived.debtor.personId}`.execute(
      owner(),
    );
    expect(rows).toEqual([{ name: planted.name }]);
  });
});

const exported = (as = world.api.one, query = '') =>
  ask(world.app, 'GET', `/api/v1/people/${lived.debtor.personId}/export${query}`, { as });

describe('GET /api/v1/people/{id}/export', () => {
  it('gives everything that is kept of the person, and says who took it', async () => {
    await endCall(world, lived.dialled);
    const { status, body } = await exported();
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      person: { national_id: planted.rut, name: planted.name },
      cut: [],
      sections: {
        phones: [{ e164: planted.phone }],
        calls: [{ number: planted.phone, transcript: expect.stringContaining(planted.rut) }],
        payments: [{ reference: planted.name, amount: '1' }],
        requests: [{ kind: 'access' }],
      },
    });
    const text = JSON.stringify(body['sections']);
    for (const word of ['ana@ejemplo.cl', 'en dos horas', 'Banco Uno', 'person.stopped'])
      expect(text).toContain(word);
    const sections = Object.entries(Object(body['sections']));
    expect(sections.filter(([, rows]) => Array.isArray(rows) && rows.length === 0)).toEqual([]);
    const { rows } = await sql`
      select 1 from operation.audit where action = 'person.exported' and subject = ${lived.debtor.personId}`.execute(
      owner(),
    );
    expect(rows).toHaveLength(1);
  });

  it('gives the register as a file, and nothing to another account', async () => {
    const csv = await exported(world.api.one, '?format=csv');
    expect(csv).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(await exported(world.api.other)).toMatchObject({ status: 404 });
  });
});

describe('POST /api/v1/people/{id}/erase', () => {
  it('takes a person out of every table, once', async () => {
    // What was sealed keeps its place in the chain when its detail goes.
    await sealRound(world.api.world.app, world.api.world.system, 'all');
    brokenBefore = await broken();
    expect(await plantEverywhere(world, lived.debtor.personId)).toEqual(['core.table_file']);
    expect((await foundIn(world)).length).toBeGreaterThan(50);
    const { status, body } = await erase({ reason: `Lo pidió ${planted.name} por carta` }, 'borrar-1');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      changed: true,
      provider_calls: expect.arrayContaining([lived.dialled.callId]),
    });
    expect(await foundIn(world)).toEqual([]);
    expect(await erase({ reason: `Lo pidió ${planted.name} por carta` }, 'borrar-1')).toMatchObject({
      status: 200,
      body,
    });
    expect(await erase({ reason: 'otra vez' })).toMatchObject({ status: 200, body: { changed: false } });
  });

  it('makes nobody of a file that was read before', async () => {
    const json = { import_id: lived.waiting, name: 'Después', pack: 'demo', policy: 'demo' };
    const { status, body } = await ask(world.app, 'POST', '/api/v1/batches', { as: world.api.one, json });
    expect(status, JSON.stringify(body)).toBe(201);
    const { rows } = await sql<{ name: string }>`
      select s.name from core.contact k join core.person s on s.id = k.person_id
       where k.batch_id = ${String(body['id'])}`.execute(owner());
    expect(rows).toEqual([{ name: 'Eva Otra' }]);
  });

  it('leaves the register: each attempt with its rule, and of the number its last two digits', async () => {
    const register = await ask(world.app, 'GET', `/api/v1/people/${lived.debtor.personId}/register`, {
      as: world.api.one,
    });
    expect(register.status).toBe(200);
    expect(register.body['lines']).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'call', number: '…21', human: true })]),
    );
  });

  it('refuses the person in the same file again, and shows nothing of the row', async () => {
    const { status, body } = await upload(world, file, 'personas.csv');
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body).toMatchObject({ rows_read: 3, rows_good: 1, rows_refused: 2 });
    expect(JSON.stringify(body)).toContain('person_erased');
    expect(await foundIn(world)).toEqual([]);
    const folder = world.api.store.folder;
    for (const name of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (name.isFile())
        expect(await readFile(join(name.parentPath, name.name), 'utf8')).not.toContain('961234321');
  });

  it('keeps nothing of what a provider tells afterwards', async () => {
    await endCall(world, lived.dialled, 'call_ended');
    await deliverStatus(world);
    expect(await foundIn(world)).toEqual([]);
  });

  it('breaks no invariant of the audit', async () => {
    expect(await broken()).toEqual(brokenBefore);
  });
});

// Behind the audit: these make rows that no product would write.
describe('what is under way with a person', () => {
  const at = new Date();
  it.each([
    ['a dial whose answer is awaited', { state: 'placing' }, true],
    ['a call that runs', { state: 'placed' }, true],
    ['a dial whose answer was lost', { state: 'unknown' }, true],
    ['a call whose words are still to come', { state: 'ended', analysed_at: null, check_at: at }, true],
    [
      'a call whose words nobody asks about any more',
      { state: 'ended', analysed_at: null, check_at: null },
      false,
    ],
    ['a call that is known whole', { state: 'ended', analysed_at: at, check_at: null }, false],
    ['a call that was never placed', { state: 'absent' }, false],
    ['a call that the provider refused', { state: 'rejected' }, false],
  ] as const)('%s', async (_what, change, expected) => {
    const { world: own } = world.api;
    const { attemptId, batch } = await dialOne(own, world.accountId);
    // The line alone would say so too.
    await world.inside((trx) => freeLine(trx, attemptId, 'test'));
    await owner().updateTable('operation.call').set(change).where('attempt_id', '=', attemptId).execute();
    const personId = batch.contacts[0]?.personId ?? '';
    expect(await world.inside((trx) => isUnderWay(trx, personId))).toBe(expected);
  });
});

describe('a call that is told of after its person was erased', () => {
  it('leaves no word', async () => {
    const call = await dialOne(world.api.world, world.accountId);
    const { attemptId, batch } = call;
    await world.inside((trx) => freeLine(trx, attemptId, 'test'));
    // Nobody asks about it any more, and then its webhook comes all the same.
    await owner()
      .updateTable('operation.call')
      .set({ state: 'ended', check_at: null })
      .where('attempt_id', '=', attemptId)
      .execute();
    const path = `/api/v1/people/${batch.contacts[0]?.personId}/erase`;
    expect(
      await ask(world.app, 'POST', path, { as: world.api.one, json: { reason: 'lo pidió' } }),
    ).toMatchObject({
      status: 200,
    });
    await endCall(world, call);
    const { rows } = await sql`
      select summary, transcript, captured, sentiment from operation.call where attempt_id = ${attemptId}`.execute(
      owner(),
    );
    expect(rows).toEqual([{ summary: null, transcript: null, captured: {}, sentiment: null }]);
    expect(await foundIn(world)).toEqual([]);
  });
});
