import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import pg from 'pg';
import { startBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const boundMs = 300_000;
const people = [
  { rut: '11111111-1', name: 'Zacarías Quintrileo Ñandú', phone: '+56961234501', amount: '987654' },
  { rut: '12345678-5', name: 'Eduvigis Llancafilo', phone: '+56961234502', amount: '876543' },
  { rut: '9876543-3', name: 'Orfelina Huenchumil', phone: '+56961234503', amount: '765432' },
  { rut: '15555555-6', name: 'Temístocles Catrileo', phone: '+56961234504', amount: '654321' },
];
const creditor = 'Financiera Inventadísima';

function form(): FormData {
  const lines = people.map(({ rut, name, phone, amount }) =>
    [rut, name, phone, amount, '01-10-2026', creditor].join(';'),
  );
  // A row that is refused, and that the answer quotes.
  const bad = '1-0;Persona Malograda;no tiene;mucho;ayer;Nadie';
  const csv = ['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA', ...lines, bad].join('\n');
  const made = new FormData();
  made.append('file', new File([csv], 'zacarias-quintrileo.csv', { type: 'text/csv' }));
  return made;
}

let stack: OwnProcesses;
let batchId: string;
beforeAll(async () => {
  stack = await startOwnProcesses({ env: { LOG_LEVEL: 'trace' } });
  // What goes wrong is what is logged: a dial that the provider refuses, an answer that is lost, a question without one.
  stack.fake.addFault({ kind: 'no_credit' });
  stack.fake.addFault({ kind: 'error_after_placed' });
  stack.fake.addFault({ kind: 'error_on_read' });
  batchId = await startBatch(stack, form());
  await misbehave();
  await until('the batch is over', isOver, boundMs);
}, boundMs);
afterAll(() => stack.close());

async function isOver(): Promise<boolean> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    `select count(*)::int as n from core.contact where batch_id = $1 and state not in ('closed', 'negotiating')`,
    [batchId],
  );
  await client.end();
  return rows[0]?.n === 0;
}

/** Personal data in every place where a careless log would take it from. */
async function misbehave(): Promise<void> {
  const [{ name, phone, rut }] = [people[0] ?? { name: '', phone: '', rut: '' }];
  const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
  const about = encodeURIComponent(`${name} ${phone} ${rut}`);
  await fetch(`${stack.apiUrl}/api/v1/${about}`, { headers });
  await fetch(`${stack.apiUrl}/api/v1/contacts?state=${about}`, { headers });
  await fetch(`${stack.apiUrl}/api/v1/webhooks/retell/${about}`, {
    method: 'POST',
    body: `{"to":"${phone}"}`,
  });
  await fetch(`${stack.apiUrl}/api/v1/payments`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ person: rut, amount: name, external_id: phone }),
  });
}

const lineSchema = z.looseObject({
  level: z.number(),
  time: z.number(),
  name: z.string(),
  msg: z.string().optional(),
});

describe('what the processes say of a batch that was worked to its end, with faults, at the most talkative level', () => {
  it('holds no name, phone, national id, creditor or amount of a person', async () => {
    const logs = await stack.logs();
    expect(logs.length).toBeGreaterThan(5_000);
    const words = people.flatMap(({ rut, name, phone, amount }) => [
      rut,
      rut.replace('-', ''),
      rut.split('-')[0] ?? '',
      ...name.split(' '),
      phone,
      phone.slice(1),
      phone.slice(-8),
      amount,
    ]);
    const told = [...words, 'Inventadísima', 'Malograda', 'zacarias'].filter((word) => logs.includes(word));
    expect(told).toEqual([]);
  });

  it('is JSON, and tells each dial with account, batch, contact and attempt', async () => {
    const lines = (await stack.logs())
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => lineSchema.parse(JSON.parse(line)));
    const dials = lines.filter(({ msg }) => msg === 'dial');
    expect(dials.length).toBeGreaterThanOrEqual(people.length);
    for (const dial of dials) {
      expect(dial).toMatchObject({ accountId: stack.accountId, batchId, activity: 'dial' });
      expect(dial['contactId']).toMatch(/^[0-9a-f-]{36}$/);
      expect(dial['attemptId']).toMatch(/^[0-9a-f-]{36}$/);
    }
    const uploads = lines.filter(({ msg, route }) => msg === 'request' && route === '/api/v1/imports');
    expect(uploads).toEqual([expect.objectContaining({ status: 201, accountId: stack.accountId })]);
  });
});
