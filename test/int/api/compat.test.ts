import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { successors } from '../../../api/compat/deprecated.ts';
import { inAccount } from '../../../db/client.ts';
import { type Listening, listenOn } from '../../../dev/listen.ts';
import { makeKey } from '../../../domain/accounts/keys.ts';
import { type ApiWorld, ask, createApiWorld, debtorsForm, type Reply } from '../../support/api.ts';

const run = promisify(execFile);
let api: ApiWorld;
let server: Listening;
let dir: string;
beforeAll(async () => {
  api = await createApiWorld();
  server = await listenOn((request) => api.app.fetch(request), 0);
  dir = await mkdtemp(join(tmpdir(), 'tandas-first-'));
  const book = new ExcelJS.Workbook();
  book.addWorksheet('Deudores').addRows([
    ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC', 'EMPRESA'],
    ['12.345.678-5', 'Ana Inventada', '+56961234567', 104050, '30-11-2026', 'Banco Inventado'],
    ['11.111.111-1', 'Beto Inventado', '+56961234568', 90000, '30-11-2026', 'Banco Inventado'],
  ]);
  await book.xlsx.writeFile(join(dir, 'deudores.xlsx'));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
  await api.close();
});

/** The lines that clients of the first system have in their programs, as docs/integration.md says them. */
async function curlLines(): Promise<readonly string[]> {
  const page = await readFile(new URL('../../../docs/integration.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((part) => part.startsWith("What the first system's")) ?? '';
  return section.split('\n').filter((line) => line.startsWith('curl '));
}

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One line, as a shell runs it: curl itself, with its own headers and forms. */
async function answerTo(line: string, env: Readonly<Record<string, string>>): Promise<Answer> {
  const head = join(dir, 'headers');
  const { stdout } = await run('sh', ['-c', line.replace(/^curl /, `curl -sS -D ${head} `)], {
    cwd: dir,
    env: { ...process.env, API_URL: server.url, API_KEY: api.one.apiKey, ...env },
  });
  const headers = await readFile(head, 'utf8');
  const statuses = [...headers.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  const isJson = /^content-type: application\/(problem\+)?json/im.test(headers);
  const body: unknown = isJson ? JSON.parse(stdout) : {};
  return { status: statuses.at(-1) ?? 0, headers, body: Object.fromEntries(Object.entries(Object(body))) };
}

const get = (path: string): Promise<Reply> => ask(api.app, 'GET', path, { as: api.one });

const closeRows = (batchId: string, outcome: string): Promise<unknown> =>
  inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .updateTable('core.contact')
      .set({ state: 'closed', outcome, closed_at: new Date() })
      .where('batch_id', '=', batchId)
      .execute(),
  );

describe('the curl lines of the first system', () => {
  it('are answered by the real API, one after the other, with what /api/v1 says', async () => {
    const lines = await curlLines();
    expect(lines).toHaveLength(successors.size);
    const known: Record<string, string> = {};
    const answers: Answer[] = [];
    for (const line of lines) {
      if (line.includes('status=failed')) {
        await expect
          .poll(
            async () => (await get(`/api/v1/contacts?batch_id=${known['BATCH_ID'] ?? ''}`)).body['contacts'],
          )
          .toHaveLength(2);
        await closeRows(known['BATCH_ID'] ?? '', 'exhausted');
      }
      const answer = await answerTo(line, known);
      answers.push(answer);
      expect(answer.status, `${line}\n${JSON.stringify(answer.body)}`).toBeLessThan(300);
      expect(answer.headers, line).toMatch(/^deprecation: @1796083200\r?$/im);
      expect(answer.headers, line).toMatch(/^link: <\/api\/v1\/[^<>]+>; rel="successor-version"\r?$/im);
      const { import_id: importId, id, jobs } = answer.body;
      if (line.includes('/upload/')) known['IMPORT_ID'] = String(importId);
      if (line.endsWith('/api/batches"') && line.includes(' -d ')) known['BATCH_ID'] = String(id);
      if (Array.isArray(jobs)) known['JOB_ID'] = String(Reflect.get(Object(jobs[0]), 'id'));
    }
    const [, made, list, batch, paused, resumed, jobs, job, retried, report] = answers;
    const batchId = known['BATCH_ID'] ?? '';
    expect(made?.body['jobs']).toMatchObject({ pending: 2, failed: 0 });
    expect(list?.body['batches']).toMatchObject([{ id: batchId, state: 'running' }]);
    expect(batch?.body).toMatchObject({ id: batchId, jobs: { pending: 2 } });
    expect([paused?.body['state'], resumed?.body['state']]).toEqual(['paused', 'running']);
    expect(jobs?.body['jobs']).toMatchObject([{ status: 'failed' }, { status: 'failed' }]);
    expect(job?.body).toMatchObject({ id: known['JOB_ID'], status: 'failed', outcome: 'exhausted' });
    expect(retried?.body).toEqual({ contact_id: known['JOB_ID'], run: 2 });
    expect(report?.body).toMatchObject({
      jobs: { pending: 1, failed: 1 },
      totals: { contacts: 2, calls: 0 },
    });
    // The same rows by the new way, with nothing but the old word beside them.
    const { body: row } = await get(`/api/v1/contacts?batch_id=${batchId}`);
    const { body: old } = await get(`/api/jobs?batch_id=${batchId}`);
    const withoutStatus = (Array.isArray(old['jobs']) ? old['jobs'] : []).map((one: object) => {
      const { status: _, ...rest } = Object.fromEntries(Object.entries(one));
      return rest;
    });
    expect(withoutStatus).toEqual(row['contacts']);
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(join(dir, 'informe.xlsx'));
    expect(book.worksheets.map(({ name }) => name)).toEqual([
      'Resumen',
      'Estados',
      'Por día',
      'Por hora',
      'Lotes',
      'Casos de uso',
      'Costo',
      'Teléfonos',
      'Intentos',
    ]);
    // Who paused it, by which way: what nobody said is told as such.
    const audit = await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx
        .selectFrom('operation.audit')
        .select('detail')
        .where('subject', '=', batchId)
        .where('action', '=', 'batch.paused')
        .executeTakeFirst(),
    );
    expect(audit?.detail).toMatchObject({ reason: 'Por la API del primer sistema, sin motivo' });
  });
});

describe('a route of the first system', () => {
  it('is closed like the others, and says its successor with a refusal as well', async () => {
    const nowhere = '11111111-1111-4111-8111-111111111111';
    for (const [name] of successors) {
      const [method = '', path = ''] = name.split(' ');
      const reply = await ask(api.app, method, path.replace(':id', nowhere));
      expect(reply.status, name).toBe(401);
      expect(reply.headers.get('deprecation'), name).toBe('@1796083200');
      expect(reply.headers.get('link'), name).toMatch(/^<\/api\/v1\//);
    }
    const current = await get('/api/v1/batches');
    expect([current.headers.get('deprecation'), current.headers.get('link')]).toEqual([null, null]);
  });

  it('puts nothing into a header that the path only claims to be an id', async () => {
    const reply = await get('/api/batches/%22%3E%3B%20rel=evil');
    expect(reply.status).toBe(400);
    expect(reply.headers.get('link')).toBe('</api/v1/batches>; rel="successor-version"');
  });

  it('takes the uploads that /api/v1 takes, once: by its key and by its bytes', async () => {
    const form = (): FormData => debtorsForm(2, 'repetido');
    const first = await ask(api.app, 'POST', '/api/upload/excel', { as: api.one, form: form(), key: 'k1' });
    const again = await ask(api.app, 'POST', '/api/upload/excel', { as: api.one, form: form(), key: 'k1' });
    const other = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form: form() });
    expect([first.status, again.status, other.status]).toEqual([201, 201, 200]);
    const ids = [first, again, other].map(({ body }) => body['import_id']);
    expect(new Set(ids).size).toBe(1);
    const rows = await ask(api.app, 'POST', '/api/upload/excel', { as: api.one, json: { rows: [] } });
    expect([rows.status, rows.body['type']]).toEqual([400, 'urn:tandas:problem:not_multipart']);
  });

  it("shows nobody another account's, and lists nobody to whom the key does not open", async () => {
    const form = debtorsForm(1, 'ajeno');
    const { body } = await ask(api.app, 'POST', '/api/upload/excel', { as: api.one, form });
    const json = { import_id: body['import_id'], name: 'Propio', pack: 'demo' };
    const made = await ask(api.app, 'POST', '/api/batches', { as: api.one, json });
    const id = String(made.body['id']);
    for (const [method, path] of [
      ['GET', `/api/batches/${id}`],
      ['POST', `/api/batches/${id}/pause`],
      ['GET', `/api/reports/jobs?batch_id=${id}`],
      ['GET', `/api/reports/excel?batch_id=${id}`],
    ] as const) {
      expect((await ask(api.app, method, path, { as: api.other })).status, path).toBe(404);
    }
    const jobs = await ask(api.app, 'GET', `/api/jobs?batch_id=${id}`, { as: api.other });
    expect(jobs.body['jobs']).toEqual([]);
    const editor = {
      ...api.one,
      actor: 'test',
      holder: { kind: 'key', role: 'account', scopes: null },
    } as const;
    const { key } = await inAccount(api.world.app, api.one.accountId, (trx) =>
      makeKey(trx, editor, {
        kind: 'api_key',
        label: 'cifras',
        role: 'account',
        scopes: ['batches:read'],
        networks: null,
        expiresAt: null,
      }),
    );
    const figures = { accountId: api.one.accountId, apiKey: key };
    expect((await ask(api.app, 'GET', `/api/reports/jobs?batch_id=${id}`, { as: figures })).status).toBe(200);
    expect((await ask(api.app, 'GET', '/api/jobs', { as: figures })).status).toBe(403);
    expect((await ask(api.app, 'POST', `/api/batches/${id}/pause`, { as: figures })).status).toBe(403);
  });

  it('bounds a body as /api/v1 does: a JSON of a megabyte is refused before it is read', async () => {
    const json = { import_id: 'x', name: 'y'.repeat(1_000_000), pack: 'demo' };
    expect((await ask(api.app, 'POST', '/api/batches', { as: api.one, json })).status).toBe(413);
  });
});
