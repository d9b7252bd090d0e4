import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { type ChargingWorld, createChargingWorld } from '../../support/charging.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let world: ChargingWorld;
let dir: string;
let apiKey: string;
beforeAll(async () => {
  world = await createChargingWorld();
  dir = await mkdtemp(join(tmpdir(), 'tandas-charging-'));
  const accountId = await world.account('credit_based');
  apiKey = await createApiKey(world.api.world.app, { accountId, label: 'cli', role: 'account' });
});
afterAll(async () => {
  await world.close();
  await rm(dir, { recursive: true, force: true });
});

interface Typed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function typed(...args: readonly string[]): Promise<Typed> {
  const env = { ...process.env, TANDAS_STATE_DIR: dir, API_URL: world.apiUrl, API_KEY: apiKey };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'scripts/tandas.ts'), ...args],
      { cwd: dir, env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}

/** What a person does on the page: reads it, and presses its button. */
async function payOn(url: string): Promise<void> {
  const page = await (await fetch(url)).text();
  const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
  const paid = await fetch(new URL(action, url), { method: 'POST' });
  expect(paid.status).toBe(200);
  await paid.text();
}

describe('tandas', () => {
  it('top-up says where it is paid; paid there, it is in the balance', async () => {
    const made = await typed('top-up', '50');
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toContain('$47.674 + impuesto $9.058 = $56.732');
    const [url = ''] = /http:\S+/.exec(made.stdout) ?? [];
    const [id = ''] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(made.stdout) ?? [];
    await payOn(url);
    await world.settle();
    expect((await typed('orders', id)).stdout).toContain('En el saldo: US$ 50,00');
    expect((await typed('orders')).stdout).toMatch(/pagada +US\$ 50,00/);
  });

  it('plans shows what there is, orders a plan at another provider, and its state when it is paid', async () => {
    const before = await typed('plans');
    expect(before.code, before.stderr).toBe(0);
    expect(before.stdout).toMatch(/starter +Starter: 1\.000 minutos al mes +US\$ 50,00/);
    expect(before.stdout).toContain('Más IVA de 19 %.');
    const made = await typed('plans', 'take', 'starter', '--provider', 'stripe');
    expect(made.code, made.stderr).toBe(0);
    await payOn(/http:\S+/.exec(made.stdout)?.[0] ?? '');
    await world.settle();
    expect((await typed('plans')).stdout).toContain('Su plan: starter, US$ 50,00 al mes, al día.');
    expect((await typed('plans', 'cancel')).stdout).toContain('y no se renueva');
    expect((await typed('plans', 'keep')).stdout).not.toContain('y no se renueva');
  });

  it('is refused in words for what cannot be bought, and ends as mistyped for what is none', async () => {
    const agreed = await typed('plans', 'take', 'enterprise');
    expect(agreed).toMatchObject({ code: 3, stderr: expect.stringContaining('se acuerda con nosotros') });
    expect((await typed('top-up', '5')).stderr).toContain('compre un paquete de minutos');
    expect((await typed('top-up')).code).toBe(2);
    expect((await typed('top-up', '5', '--account', '11111111-1111-4111-8111-111111111111')).code).toBe(2);
    expect((await typed('orders', '../account')).code).toBe(2);
  });

  it('orders cancel says that one will not be paid', async () => {
    const made = await typed('plans', 'buy', 'minutes-500', '--json');
    const id: unknown = Reflect.get(Object(JSON.parse(made.stdout)), 'id');
    expect((await typed('orders', 'cancel', String(id))).stdout).toContain('anulada');
    expect((await typed('orders', 'cancel', String(id))).code).toBe(0);
  });
});
