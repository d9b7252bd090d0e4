import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../../db/client.ts';
import { startBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';
import { foundInDatabase } from './erased-person.ts';

const boundMs = 240_000;
const erased = { rut: '11111111-1', name: 'Zacarías Quintrileo Ñandú', phone: '+56961234501' };
/** Makes the second file another one: the same bytes are the same import. */
const isNew = { rut: '9876543-3', name: 'Orfelina Huenchumil', phone: '+56961234503' };
const stays = { rut: '12345678-5', name: 'Eduvigis Llancafilo', phone: '+56961234502' };

/** As PostgreSQL and as JavaScript look for them. */
const tracesOf = ({ rut, name, phone }: typeof erased): string =>
  [rut.split('-')[0], ...name.split(' '), phone.slice(-8)].join('|');

function form(...more: readonly (typeof erased)[]): FormData {
  const lines = [erased, stays, ...more].map(({ rut, name, phone }) =>
    [rut, name, phone, '987654', '01-10-2026', 'Financiera Inventada'].join(';'),
  );
  const csv = ['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA', ...lines].join('\n');
  const made = new FormData();
  made.append('file', new File([csv], 'cartera.csv', { type: 'text/csv' }));
  return made;
}

let stack: OwnProcesses;
let owner: Database;
let batchId: string;
beforeAll(async () => {
  stack = await startOwnProcesses({
    env: { LOG_LEVEL: 'trace', SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') },
  });
  owner = createDatabase({ url: stack.databaseUrl, maxConnections: 2 });
  batchId = await startBatch(stack, form());
  await until(
    'both have been called',
    async () => (await callsOf(batchId)) >= 2 && !(await isAnybodyUnderWay()),
    boundMs,
  );
}, boundMs);
afterAll(async () => {
  await owner.destroy();
  await stack.close();
});

async function callsOf(batch: string): Promise<number> {
  const { rows } = await sql<{ calls: number }>`
    select count(*)::int as calls from core.contact k join operation.call c on c.contact_id = k.id
     where k.batch_id = ${batch} and c.state = 'ended' and c.analysed_at is not null`.execute(owner);
  return rows[0]?.calls ?? 0;
}

async function isAnybodyUnderWay(): Promise<boolean> {
  const { rows } = await sql<{ under_way: boolean }>`
    select exists (select from core.line_lease where released_at is null)
        or exists (select from operation.call where state in ('placing', 'placed', 'unknown') or analysed_at is null)
           as under_way`.execute(owner);
  return rows[0]?.under_way ?? true;
}

async function personOf(name: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`select id from core.person where name = ${name}`.execute(owner);
  return rows[0]?.id;
}

const api = (method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${stack.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** Texts and bytes of a value, however deep: payloads as they were written. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** All that Temporal keeps of every workflow: payloads as their text. */
async function histories(): Promise<string> {
  const connection = await Connection.connect({ address: stack.env['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const client = new Client({ connection, namespace: stack.env['TEMPORAL_NAMESPACE'] ?? '' });
    const texts: string[] = [];
    for await (const run of client.workflow.list()) {
      const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      texts.push(...textsIn({ run: run.raw, history }));
    }
    return texts.join('\n');
  } finally {
    await connection.close();
  }
}

async function stored(): Promise<string> {
  const folder = stack.env['STORAGE_DIR'] ?? '';
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1'));
  return (await Promise.all(texts)).join('\n');
}

it(
  'an erasure whose process is killed before its end has changed nothing, and the next one takes the person out of database, store, logs and histories',
  async () => {
    const personId = (await personOf(erased.name)) ?? '';
    const before = await foundInDatabase(owner, tracesOf(erased));
    expect(before.length).toBeGreaterThan(5);
    // Everything but its last row is written when it waits here, and its process is killed.
    await owner.transaction().execute(async (trx) => {
      await sql`lock table operation.audit in share row exclusive mode`.execute(trx);
      const answer = api('POST', `/api/v1/people/${personId}/erase`, { reason: 'lo pidió' }).catch(
        () => 'killed',
      );
      await until('the erasure waits for its last row', async () => {
        const { rows } = await sql`
          select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%operation%audit%'
             and usename is not null and pid <> pg_backend_pid()`.execute(owner);
        return rows.length > 0;
      });
      process.kill(stack.pidOf('api'), 'SIGKILL');
      expect(await answer).toBe('killed');
    });
    await stack.stop('api');
    await until('the database has noticed', async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where state = 'idle in transaction' or wait_event_type = 'Lock'`.execute(
        owner,
      );
      return rows.length === 0;
    });
    expect(await personOf(erased.name)).toBe(personId);
    expect(await foundInDatabase(owner, tracesOf(erased))).toEqual(before);
    await stack.start('api');

    const answer = await api('POST', `/api/v1/people/${personId}/erase`, { reason: 'lo pidió' });
    expect(answer.status, await answer.text()).toBe(200);
    await until('their contact is closed', async () => {
      const { rows } = await sql<{
        state: string;
      }>`select state from core.contact where person_id = ${personId}`.execute(owner);
      return rows.every(({ state }) => state === 'closed');
    });
    expect(await foundInDatabase(owner, tracesOf(erased))).toEqual([]);
    const looked = new RegExp(tracesOf(erased), 'i');
    for (const [what, text] of [
      ['logs', await stack.logs()],
      ['histories', await histories()],
      ['store', await stored()],
    ] as const) {
      expect(looked.exec(text)?.[0], what).toBeUndefined();
    }
    // What is looked through is there: ids of theirs, and who was not erased is found.
    expect((await histories()).includes(batchId)).toBe(true);
    expect((await stack.logs()).length).toBeGreaterThan(1_000);
    expect((await foundInDatabase(owner, tracesOf(stays))).length).toBeGreaterThan(5);
  },
  boundMs,
);

it(
  'the same file again calls who was not erased, and nobody else; the register still has the attempts',
  async () => {
    const again = await startBatch(stack, form(isNew));
    await until('the others have been called', async () => (await callsOf(again)) > 1, boundMs);
    await until('the batch is quiet', async () => !(await isAnybodyUnderWay()), boundMs);
    const dialled = stack.fake.posts().map(({ toNumber }) => toNumber);
    expect(dialled.filter((number) => number === erased.phone)).toHaveLength(1);
    expect(dialled.filter((number) => number === stays.phone).length).toBeGreaterThan(1);
    const { rows } = await sql<{ id: string; attempts: number }>`
      select s.id, count(a.*)::int as attempts
        from core.person s join core.contact k on k.person_id = s.id join operation.attempt a on a.contact_id = k.id
       where s.erased_at is not null group by 1`.execute(owner);
    expect(rows).toMatchObject([{ attempts: 1 }]);
    const register = await api('GET', `/api/v1/people/${rows[0]?.id}/register`);
    expect(register.status).toBe(200);
    expect(JSON.stringify(await register.json())).toContain('"kind":"call"');
    expect(await foundInDatabase(owner, tracesOf(erased))).toEqual([]);
  },
  boundMs,
);
