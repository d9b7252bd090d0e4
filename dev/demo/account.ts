import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, inAccount } from '../../db/client.ts';
import { topUp } from '../../domain/billing/queries-ledger.ts';
import { insertRate, newestRate } from '../../domain/charging/queries-plans.ts';
import { createAccount, createApiKey } from '../../domain/accounts/accounts.ts';
import { configureDemoChannels } from './channels.ts';

/** Pesos for one dollar, so that an order can be quoted: whoever runs an installation sets the day's own. */
const demoRateMicros = 950_000_000n;
const rateGoodMs = 24 * 3_600_000;
const demoCreditMicros = 25_000_000n;

export interface DemoAccount {
  readonly apiKey: string;
  /** Where the key is kept, for the commands that the demo suggests. */
  readonly keyFile: string;
}

/** The demo's account, made the first time with 25 USD of credit. Its key stays in the state folder. */
export async function demoAccount(databaseUrl: string, stateDir: string): Promise<DemoAccount> {
  const keyFile = join(stateDir, 'api-key');
  await setDemoRate(databaseUrl);
  const kept = (await readFile(keyFile, 'utf8').catch(() => '')).trim();
  if (kept !== '') return { apiKey: kept, keyFile };
  const app = createDatabase({ url: databaseUrl, role: 'tandas_app', maxConnections: 2 });
  try {
    const pool = await app
      .selectFrom('catalogue.pool')
      .select('id')
      .where('simulated', '=', true)
      // Nobody works on the lines of rehearsals: the demo would wait for ever.
      .where('rehearsal', '=', false)
      .executeTakeFirst();
    if (pool === undefined) throw new Error('there is no simulated line pool: the stack did not set it up');
    const accountId = await createAccount(app, {
      slug: 'demo',
      name: 'Cobranzas Demo SpA',
      kind: 'demo',
      country: 'CL',
      zone: 'America/Santiago',
      debtCurrency: 'CLP',
      plan: 'credit_based',
      rateMicrosPerMinute: 40_000n,
      maxLines: null,
      poolId: pool.id,
      // The law's own packs for rehearsals; the demo's for calls at any hour.
      packs: [
        { key: 'demo', signedOffBy: null },
        { key: 'cl-collection-strict', signedOffBy: null },
        { key: 'cl-collection-waves', signedOffBy: 'Demostración' },
      ],
    });
    await inAccount(app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: demoCreditMicros, reference: 'demo' }),
    );
    await configureDemoChannels(databaseUrl, stateDir, accountId);
    const apiKey = await createApiKey(app, { accountId, label: 'demo', role: 'administrator' });
    await writeFile(keyFile, `${apiKey}\n`, { mode: 0o600 });
    return { apiKey, keyFile };
  } finally {
    await app.destroy();
  }
}

/** A rate that somebody has set today stays. */
async function setDemoRate(databaseUrl: string): Promise<void> {
  const app = createDatabase({ url: databaseUrl, role: 'tandas_app', maxConnections: 1 });
  try {
    await app.transaction().execute(async (trx) => {
      const newest = await newestRate(trx, 'CLP');
      if (newest !== undefined && Date.now() - newest.set_at.getTime() < rateGoodMs) return;
      await insertRate(trx, {
        currency: 'CLP',
        perUsdMicros: demoRateMicros,
        source: 'demostración',
        setBy: 'demo',
      });
    });
  } finally {
    await app.destroy();
  }
}
