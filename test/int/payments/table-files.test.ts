import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import type { TableFileKind } from '../../../db/schema/schema.ts';
import { type ImportAddress, objectKey } from '../../../domain/imports/imports.ts';
import { runTableFile } from '../../../domain/integrations/table-files.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf } from '../../support/api.ts';
import { addDebts, nameRut } from '../../support/debts.ts';
import { createOwnStore, type OwnStore, receiveTable } from '../../support/imports.ts';
import { until } from '../../support/live-world.ts';
import { createBatch, newAccount } from '../../support/world.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let api: ApiWorld;
/** Of files that this test runs itself. */
let store: OwnStore;
beforeAll(async () => {
  api = await createApiWorld();
  store = await createOwnStore();
});
afterAll(async () => {
  await store.close();
  await api.close();
});

let next = 12_000_000;
/** A debtor with a valid RUT, who owes 100 pesos. */
async function debtor(accountId: string) {
  const batch = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
  const [contact] = batch.contacts;
  if (contact === undefined) throw new Error('no contact');
  next += 1;
  const rut = `${next}-${rutCheckDigit(next)}`;
  await nameRut(api.world, contact.personId, rut);
  await addDebts(api.world, accountId, contact, [
    { amount: 100, dueDate: '2027-01-01', reference: `T-${next}` },
  ]);
  return { ...contact, rut };
}

const paymentsOf = async (personId: string): Promise<readonly bigint[]> => {
  const rows = await api.world.owner
    .selectFrom('core.payment')
    .select('amount_micros')
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute();
  return rows.map(({ amount_micros: micros }) => micros / 1_000_000n);
};

function send(
  path: string,
  csv: string,
  headers: Readonly<Record<string, string>> = {},
  app = api.app,
): Promise<Reply> {
  const form = new FormData();
  form.append('file', new File([csv], 'archivo.csv', { type: 'text/csv' }));
  return ask(app, 'POST', path, { as: api.one, form, headers });
}

const get = (path: string, as = api.one): Promise<Reply> => ask(api.app, 'GET', path, { as });

/** As if a worker were reading another file of the account. */
async function occupied<T>(kind: TableFileKind, work: () => Promise<T>): Promise<T> {
  const id = randomUUID();
  await api.world.owner
    .insertInto('core.table_file')
    .values({
      id,
      account_id: api.one.accountId,
      kind,
      file_name: 'a.csv',
      sha256: id,
      actor: 'test',
      state: 'reading',
      bytes: 1n,
      claimed_at: new Date(),
    })
    .execute();
  try {
    return await work();
  } finally {
    await api.world.owner
      .updateTable('core.table_file')
      .set({ state: 'failed', ended_at: new Date() })
      .where('id', '=', id)
      .execute();
  }
}

/** Its state and its result once it is over. */
async function overAt(location: string): Promise<Reply['body']> {
  let body: Reply['body'] = {};
  await until('the file is over', async () => {
    ({ body } = await get(location));
    return body['state'] === 'done' || body['state'] === 'failed';
  });
  return body;
}

describe('a file that takes longer than its caller waits', () => {
  it('202 with its address, which tells state and result; and nobody else sees it', async () => {
    const one = await debtor(api.one.accountId);
    const csv = `RUT;MONTO\n${one.rut};4\n${one.rut};4\n1-9;5`;
    const reply = await occupied('payments', async () => {
      const sent = await send('/api/v1/payment-files', csv, { prefer: 'respond-async' });
      expect((await get(sent.headers.get('location') ?? '')).body).toMatchObject({ state: 'waiting' });
      return sent;
    });
    expect(reply).toMatchObject({
      status: 202,
      body: { file_name: 'archivo.csv', result: { rows_read: 0, problems: [] }, failure: null },
    });
    const fileId = textOf(reply.body, 'file_id');
    const location = `/api/v1/payment-files/${fileId}`;
    expect(reply.headers.get('location')).toBe(location);
    const size = Buffer.byteLength(csv);
    expect(await overAt(location)).toMatchObject({
      state: 'done',
      progress: { bytes_total: size, bytes_read: size },
      result: { rows_read: 3, rows_done: 2, rows_known: 0, rows_refused: 1, problems: [{ row: 4 }] },
    });
    expect(await paymentsOf(one.personId)).toEqual([4n, 4n]);
    expect((await get(location, api.other)).status).toBe(404);
    expect((await get(`/api/v1/removal-files/${fileId}`)).status).toBe(404);
  });

  it('is no import: it is in no list, nobody is called by it, and nobody cancels it', async () => {
    const reply = await occupied('payments', () =>
      send('/api/v1/payment-files', 'RUT;MONTO\n1-9;7', { prefer: 'respond-async' }),
    );
    const id = textOf(reply.body, 'file_id');
    const as = api.one;
    const key = randomUUID();
    const batch = { import_id: id, name: 'Prueba', pack: 'demo', policy: 'demo' };
    expect((await ask(api.app, 'POST', '/api/v1/batches', { as, key, json: batch })).status).toBe(404);
    expect((await ask(api.app, 'DELETE', `/api/v1/imports/${id}`, { as })).status).toBe(404);
    expect((await get(`/api/v1/imports/${id}`)).status).toBe(404);
    expect(JSON.stringify((await get('/api/v1/imports')).body)).not.toContain(id);
  });

  it('of whom not to contact does not wait for payments', async () => {
    const one = await debtor(api.one.accountId);
    const reply = await occupied('payments', () => send('/api/v1/removal-files', `RUT\n${one.rut}`));
    expect(reply).toMatchObject({ status: 200, body: { rows_done: 1, problems: [] } });
  });
});

it('its command says that it waits, and at the end what became of its rows', async () => {
  const one = await debtor(api.one.accountId);
  const file = join(store.folder, 'pagos.csv');
  await writeFile(file, `RUT;MONTO\n${one.rut};9\n1-9;5`);
  const server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const env = { ...process.env, API_URL: `http://127.0.0.1:${address.port}`, API_KEY: api.one.apiKey };
  const running = promisify(execFile)(process.execPath, ['scripts/payments.ts', file], { cwd: root, env });
  let said = '';
  running.child.stdout?.on('data', (text) => (said += String(text)));
  await occupied('payments', () =>
    until('it says that it waits', () => Promise.resolve(/En cola/.test(said))),
  );
  await running;
  server.close();
  expect(said).toContain('2 filas leídas: 1 registrada, 0 ya estaban registradas, 1 rechazada.\n');
  expect(said).toMatch(/fila 3, RUT "1-9"/);
  expect(await paymentsOf(one.personId)).toEqual([9n]);
});

describe('the same bytes', () => {
  it('sent at once are one file, and as the other kind another one', async () => {
    const one = await debtor(api.one.accountId);
    const csv = `RUT;MONTO\n${one.rut};3`;
    const late = { prefer: 'respond-async' };
    const { replies, other } = await occupied('payments', async () => ({
      replies: await Promise.all([1, 2, 3, 4].map(() => send('/api/v1/payment-files', csv, late))),
      other: await occupied('removals', () => send('/api/v1/removal-files', csv, late)),
    }));
    expect(replies.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const [id, ...others] = new Set(replies.map(({ body }) => textOf(body, 'file_id')));
    expect(others).toEqual([]);
    expect(other).toMatchObject({ status: 202 });
    expect(other.body['file_id']).not.toBe(id);
    const { result } = await overAt(`/api/v1/payment-files/${id ?? ''}`);
    expect(result).toMatchObject({ rows_done: 1, rows_known: 0 });
    expect(await paymentsOf(one.personId)).toEqual([3n]);
  });

  it('with one key are answered as they were; without one, once they are over, all is known', async () => {
    const one = await debtor(api.one.accountId);
    const csv = `RUT;MONTO\n${one.rut};2`;
    const key = { 'idempotency-key': randomUUID() };
    for (const headers of [key, key])
      expect((await send('/api/v1/payment-files', csv, headers)).body).toMatchObject({ rows_done: 1 });
    expect((await send('/api/v1/payment-files', csv)).body).toMatchObject({ rows_done: 0, rows_known: 1 });
    expect(await paymentsOf(one.personId)).toEqual([2n]);
  });
});

/** Claimed at once: the reader of the API's world leaves it alone. */
async function received(accountId: string, kind: TableFileKind, text: string): Promise<ImportAddress> {
  return inAccount(api.world.app, accountId, async (trx) => {
    const importId = await receiveTable(trx, store, { accountId, kind, text });
    await trx.updateTable('core.table_file').set({ state: 'reading' }).where('id', '=', importId).execute();
    return { accountId, importId };
  });
}

const never = new AbortController().signal;
const run = (address: ImportAddress, signal = never) =>
  runTableFile({ app: api.world.app, store }, address, signal);

const rowOf = ({ importId }: ImportAddress) =>
  api.world.owner
    .selectFrom('core.table_file')
    .selectAll()
    .where('id', '=', importId)
    .executeTakeFirstOrThrow();

/** A run whose database session is killed in the middle of a row, when what the row does is done and not committed. */
async function dieAt(address: ImportAddress, row: number): Promise<void> {
  await sql`
    create function core.hold_row() returns trigger language plpgsql as $$
    begin
      if new.rows_read = ${sql.lit(row)} then perform pg_terminate_backend(pg_backend_pid()); end if;
      return new;
    end $$`.execute(api.world.owner);
  await sql`create trigger hold_row before update on core.table_file for each row execute function core.hold_row()`.execute(
    api.world.owner,
  );
  await expect(run(address)).rejects.toThrow();
  await sql`drop function core.hold_row cascade`.execute(api.world.owner);
}

const newDebtor = async () => {
  const accountId = await newAccount(api.world.app, api.world.poolId, 0n);
  return { accountId, ...(await debtor(accountId)) };
};

describe('a file whose worker dies', () => {
  it('goes on behind the rows that are counted: totals and payments are as without', async () => {
    const { accountId, rut, personId } = await newDebtor();
    // Without a day and a number, three equal rows are told apart by their place alone.
    const csv = ['RUT;MONTO', `${rut};4`, '1-9;5', `${rut};4`, `${rut};x`, `${rut};4`, `${rut};6`].join('\n');
    const address = await received(accountId, 'payments', csv);
    await dieAt(address, 3);
    expect(await rowOf(address)).toMatchObject({ state: 'reading', rows_read: 2, rows_refused: 1 });
    expect(await paymentsOf(personId)).toEqual([4n]);
    await dieAt(address, 5);
    expect(await rowOf(address)).toMatchObject({ rows_read: 4, rows_done: 2, rows_refused: 2 });
    expect(await run(address)).toBe('stored');
    expect(await rowOf(address)).toMatchObject({
      state: 'done',
      rows_read: 6,
      rows_done: 4,
      rows_known: 0,
      rows_refused: 2,
      problems: [{ row: 3 }, { row: 5 }],
    });
    expect(await paymentsOf(personId)).toEqual([4n, 4n, 4n, 6n]);
    expect(existsSync(join(store.folder, objectKey(address)))).toBe(false);
    expect(await run(address)).toBe('stored');
  });

  it('a worker that was only taken for dead does nothing twice, and counts nothing twice', async () => {
    const { accountId, rut, personId } = await newDebtor();
    const rows = Array.from({ length: 20 }, () => `${rut};1`);
    const address = await received(accountId, 'payments', ['RUT;MONTO', ...rows].join('\n'));
    await Promise.all([run(address), run(address)]);
    expect(await run(address)).toBe('stored');
    expect(await rowOf(address)).toMatchObject({ rows_read: 20, rows_done: 20, rows_known: 0 });
    expect(await paymentsOf(personId)).toHaveLength(20);
  });

  it('and removals: each is done and counted once', async () => {
    const { accountId, rut } = await newDebtor();
    const address = await received(
      accountId,
      'removals',
      `RUT;TELEFONO\n${rut};\n;961 234 777\n;961 234 777`,
    );
    await dieAt(address, 2);
    expect(await run(address)).toBe('stored');
    expect(await rowOf(address)).toMatchObject({ rows_read: 3, rows_done: 2, rows_known: 1 });
  });
});

it('a form with a field beside the file is refused by the name of the field, and nothing of it is done', async () => {
  for (const path of ['/api/v1/payment-files', '/api/v1/removal-files']) {
    for (const value of ['x', '']) {
      const form = new FormData();
      form.append('file', new File(['RUT;MONTO\n1-9;7'], 'archivo.csv', { type: 'text/csv' }));
      form.append('dry_run', value);
      const reply = await ask(api.app, 'POST', path, { as: api.one, form });
      expect(reply).toMatchObject({ status: 400, body: { errors: [{ field: 'dry_run' }] } });
    }
  }
});

describe('the end of a file', () => {
  it('that is lost, or cannot be read, is failed; what comes again begins anew', async () => {
    const { accountId, rut, personId } = await newDebtor();
    const csv = `RUT;MONTO\n${rut};4`;
    const lost = await received(accountId, 'payments', csv);
    await store.remove(objectKey(lost));
    expect(await run(lost)).toBe('failed');
    expect(await rowOf(lost)).toMatchObject({ state: 'failed', failure: { code: 'file_lost' } });
    expect(await run(await received(accountId, 'payments', csv))).toBe('stored');
    expect(await paymentsOf(personId)).toEqual([4n]);
  });
});

describe('payments that nothing but their moment tells apart', () => {
  const result = async (csv: string): Promise<unknown> => {
    const reply = await send('/api/v1/payment-files', csv);
    expect(reply.status).toBe(200);
    return [reply.body['rows_done'], reply.body['rows_known'], reply.body['rows_refused']];
  };

  it('the morning’s and the afternoon’s are two, in files of their own; each file again is known', async () => {
    const one = await debtor(api.one.accountId);
    const morning = `RUT;MONTO;FECHA_PAGO\n${one.rut};7;03/03/2026 08:40`;
    const afternoon = `RUT;MONTO;FECHA_PAGO\n${one.rut};7;03-03-2026 5:15 p. m.`;
    expect(await result(morning)).toEqual([1, 0, 0]);
    expect(await result(afternoon)).toEqual([1, 0, 0]);
    expect(await result(afternoon)).toEqual([0, 1, 0]);
    // The same moment in another spelling and another file.
    expect(await result(`RUT;MONTO;FECHA_PAGO;NOTA\n${one.rut};7;2026-03-03 17:15:00;x`)).toEqual([0, 1, 0]);
    // Midnight is a day without an hour.
    expect(await result(`RUT;MONTO;FECHA_PAGO\n${one.rut};8;2026-03-03 00:00:00`)).toEqual([1, 0, 0]);
    expect(await result(`RUT;MONTO;FECHA_PAGO\n${one.rut};8;03-03-2026`)).toEqual([0, 1, 0]);
    expect(await paymentsOf(one.personId)).toEqual([7n, 7n, 8n]);
  });

  it('a file that runs on without days counts nothing twice: the operator is asked', async () => {
    const [one, other] = [await debtor(api.one.accountId), await debtor(api.one.accountId)];
    const first = `RUT;MONTO\n${one.rut};6\n${one.rut};6`;
    expect(await result(first)).toEqual([2, 0, 0]);
    const second = `${first}\n${other.rut};6`;
    const reply = await send('/api/v1/payment-files', second);
    expect(reply.body).toMatchObject({ rows_done: 1, rows_known: 0, rows_refused: 2 });
    expect(reply.body['problems']).toMatchObject([
      { row: 2, column: 'MONTO', value: '6' },
      { row: 3, column: 'MONTO', value: '6' },
    ]);
    expect(JSON.stringify(reply.body['problems'])).toContain('FECHA_PAGO');
    expect(await result(first)).toEqual([0, 2, 0]);
    // With its day or its number it is what the operator says it is.
    expect(await result(`RUT;MONTO;ID_PAGO\n${one.rut};6;Z-${one.rut}`)).toEqual([1, 0, 0]);
    expect(await paymentsOf(one.personId)).toEqual([6n, 6n, 6n]);
    expect(await paymentsOf(other.personId)).toEqual([6n]);
  });
});
