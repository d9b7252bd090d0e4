import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiWorld, createApiWorld, dialOne } from '../../support/api.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let api: ApiWorld;
let server: ReturnType<typeof serve>;
let apiUrl = '';
beforeAll(async () => {
  api = await createApiWorld();
  apiUrl = await new Promise<string>((resolve) => {
    server = serve({ fetch: api.app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await api.close();
});

/** A command as an operator runs it. Rejects with its output when it ends with an error. */
async function command(script: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [`scripts/${script}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: api.world.url, API_URL: apiUrl, API_KEY: api.one.apiKey },
  });
  return stdout;
}

describe('npm run explain', () => {
  it('answers from the packs that ship, without a server', async () => {
    const [pack, at] = ['--pack', '--at'];
    const said = await command(
      'explain',
      pack,
      'cl-collection-strict',
      '--region',
      'Magallanes',
      at,
      '2027-03-08T20:30',
    );
    expect(said).toContain('lunes 08-03-2027 20:30  America/Punta_Arenas');
    expect(said).toContain('Llamar:   No: fuera de horario. Se puede desde el martes 09-03-2027 08:00.');
    await expect(command('explain', pack, 'atlantis')).rejects.toThrow('cl-collection-strict');
    await expect(command('explain', pack, 'demo', at, 'x')).rejects.toThrow('indique uno');
  });

  it('asks the API about a contact', async () => {
    const { contactId } = await dialOne(api.world, api.one.accountId);
    const said = await command('explain', '--contact', contactId);
    expect(said).toMatch(new RegExp(`contacto ${contactId}\nDemostración`));
    expect(said).toMatch(/^Espera: {3}\S/m);
    expect(said).toContain('Llamar:   No: una llamada a la vez a una persona.');
    expect(await command('explain', contactId)).toBe(said);
    await expect(command('explain', '11111111-1')).rejects.toThrow('No hay ningún contacto con');
    await expect(command('explain', '--contact', contactId, '--at', 'x')).rejects.toThrow('no es una hora');
  });
});

it('npm run register prints what was tried with a person, as CSV or JSON', async () => {
  const { contactId, attemptId } = await dialOne(api.world, api.one.accountId);
  const { person_id: personId } = await api.world.owner
    .selectFrom('core.contact')
    .select('person_id')
    .where('id', '=', contactId)
    .executeTakeFirstOrThrow();
  const csv = await command('register', '--person', personId, '--csv');
  expect(csv.trimEnd().split('\r\n')).toHaveLength(2);
  expect(csv).toContain(attemptId);
  const answer: unknown = JSON.parse(await command('register', '--person', personId, '--json'));
  expect(answer).toMatchObject({ person: { id: personId }, lines: [{ reference: attemptId, kind: 'call' }] });
  await expect(command('register', '--person', '11111111-1')).rejects.toThrow('No existe esa persona');
});

it('npm run holidays adds, lists and removes a day for everybody, and keeps who did', async () => {
  const wish = ['--country', 'CL', '--day', '2028-10-29', '--name', 'Elecciones municipales'];
  const id = (await command('holidays', 'add', ...wish)).trim();
  const listed = await command('holidays', 'list', '--country', 'CL');
  expect(listed).toContain(`${id}  CL  29-10-2028  feriado  todo el país  Elecciones municipales`);
  expect(listed).toContain('cada 20-08');
  await expect(command('holidays', 'add', ...wish)).rejects.toThrow('ya está en el calendario');
  await command('holidays', 'remove', id);
  expect(await command('holidays', 'list')).not.toContain(id);
  await expect(command('holidays', 'remove', id)).rejects.toThrow('No existe ese feriado');
  const [bad, day] = [wish.toSpliced(3, 1, '2028-02-30'), /--day is "2028-02-30"/];
  await expect(command('holidays', 'add', ...bad)).rejects.toThrow(day);
  const row = await api.world.owner
    .selectFrom('catalogue.holiday')
    .select(['created_by', 'removed_by'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(row.created_by).toMatch(/^cli: /);
  expect(row.removed_by).toBe(row.created_by);
});

it('npm run account -- pack chooses a pack for an account that exists, and a looser one only signed off', async () => {
  const choose = (...args: readonly string[]) =>
    command('account', 'pack', '--account', api.other.accountId, ...args);
  await choose('--pack', 'co-collection');
  await expect(choose('--pack', 'us-regf-collection')).rejects.toThrow('--signed-off-by');
  await choose('--pack', 'us-regf-collection', '--signed-off-by', 'Ana Inventada');
  const rows = await api.world.owner
    .selectFrom('catalogue.account_rule_pack')
    .select(['pack_key', 'signed_off_by'])
    .where('account_id', '=', api.other.accountId)
    .where('pack_key', 'in', ['co-collection', 'us-regf-collection'])
    .orderBy('pack_key')
    .execute();
  expect(rows).toEqual([
    { pack_key: 'co-collection', signed_off_by: null },
    { pack_key: 'us-regf-collection', signed_off_by: 'Ana Inventada' },
  ]);
});
