import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { type ApiWorld, ask, createApiWorld, debtorsForm, textOf, uploadDebtors } from '../../support/api.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let api: ApiWorld;
let server: ReturnType<typeof serve>;
let dir: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  api = await createApiWorld();
  dir = await mkdtemp(join(tmpdir(), 'tandas-status-'));
  const apiUrl = await new Promise<string>((resolve) => {
    server = serve({ fetch: api.app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
  // Neither a database nor a state folder: by the API alone, as against another server.
  env = {
    ...process.env,
    DATABASE_URL: '',
    TANDAS_STATE_DIR: dir,
    API_URL: `${apiUrl}/`,
    API_KEY: api.one.apiKey,
  };
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await api.close();
  await rm(dir, { recursive: true, force: true });
});

async function command(script: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'scripts', `${script}.ts`), ...args], {
    cwd: dir,
    env,
  });
  return stdout;
}

async function newBatch(seed: string, name: string, pack: string): Promise<string> {
  const json = { import_id: await uploadDebtors(api, seed, 3), name, pack };
  const made = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
  return textOf(made.body, 'id');
}

describe('npm run status', () => {
  it('says so when there is nothing yet, and how to begin', async () => {
    const said = await command('status');
    expect(said).toContain('Ninguna tarea abierta.');
    expect(said).toContain('Todavía no hay lotes: npm run upload');
    expect(said).toMatch(/saldo US\$ [\d.]+,\d\d/);
  });

  it('lists the batches with their people, rules, and when each goes on', async () => {
    const id = await newBatch('waits', 'Espera', 'cl-collection-waves');
    await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx
        .updateTable('core.contact')
        .set({ state: 'waiting', next_at: new Date('2030-03-04T12:00:00Z') })
        .where('batch_id', '=', id)
        .execute(),
    );
    const said = await command('status');
    expect(said).toContain(`Espera · Cobranza · en curso\n  Lote ${id}`);
    expect(said).toContain(
      '0/3 cerrados · 0 en llamada · 3 esperan su tanda · 0 llamadas hechas · sigue el lunes 04-03-2030 09:00',
    );
    expect(said).not.toMatch(/debt_collection|\bola\b|running|waiting|2030-03/);
    const [byName, byId] = [
      await command('status', 'Espera', '--once'),
      await command('status', id, '--once'),
    ];
    expect(byName).toBe(byId);
    expect(byName).toContain('Llamadas no realizadas');
  });

  it('asks which one where two batches have a name, and says so where none has it', async () => {
    const ids = [await newBatch('one-of', 'Igual', 'demo'), await newBatch('two-of', 'Igual', 'demo')];
    const failed = await command('status', 'Igual').catch(
      (error: { readonly stderr: string; readonly code: number }) => error,
    );
    if (typeof failed === 'string') throw new Error('one of two was taken');
    expect(failed.code).toBe(1);
    for (const id of ids) expect(failed.stderr).toContain(id);
    await expect(command('status', 'Ninguno')).rejects.toThrow('No hay un lote «Ninguno»');
  });

  it('follows one batch until it is over, and can be left and taken up again', async () => {
    const id = await newBatch('live', 'Viva', 'demo');
    const watching = spawn(process.execPath, [join(root, 'scripts/status.ts'), id], {
      cwd: dir,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(watching.stdout, 'data');
    watching.kill('SIGINT');
    await once(watching, 'exit');
    const again = command('status', id);
    await ask(api.app, 'POST', `/api/v1/batches/${id}/cancel`, { as: api.one, json: { reason: 'prueba' } });
    expect(await again).toMatch(/3\/3 cerrados[^]*Cancelado +│ +3/);
  });
});

describe('npm run upload', () => {
  it('prints the same rules and first call before and at the start, and names the batch by the file alone', async () => {
    const file = debtorsForm(2, 'start').get('file');
    if (!(file instanceof File)) throw new Error('the form has no file');
    const path = join(dir, 'cartera de noviembre.csv');
    await writeFile(path, await file.text());
    const rulesOf = (said: string): string => /^Reglas: .*$/m.exec(said)?.[0] ?? '';
    const dry = await command('upload', path, '--pack', 'cl-collection-waves');
    expect(rulesOf(dry)).toMatch(
      /tandas de las 09:00, 12:00 y 15:00.*Primera llamada: [a-zéá]+ \d\d-\d\d-\d{4} \d\d:\d\d\.$/,
    );
    expect(dry).toContain('Cobranza: 2 filas leídas; se llamaría a 2 personas.');
    const started = spawn(
      process.execPath,
      [join(root, 'scripts/upload.ts'), path, '--start', '--pack', 'cl-collection-waves'],
      {
        cwd: dir,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    started.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    while (!said.includes('npm run status -- ')) await once(started.stdout, 'data');
    started.kill('SIGINT');
    await once(started, 'exit');
    // To the minute: a wave that is open is "now".
    expect(rulesOf(said).slice(0, -3)).toBe(rulesOf(dry).slice(0, -3));
    const id = /npm run status -- (\S+)/.exec(said)?.[1] ?? '';
    const { body } = await ask(api.app, 'GET', `/api/v1/batches/${id}`, { as: api.one });
    expect(body).toMatchObject({
      name: 'cartera de noviembre.csv',
      pack: expect.stringMatching(/^cl-collection-waves@/),
    });
  });
});
