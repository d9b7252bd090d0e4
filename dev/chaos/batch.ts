import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, inAccount } from '../../db/client.ts';
import { topUp } from '../../domain/billing/queries-ledger.ts';
import { ApiClient } from '../../client/api-client.ts';
import { createAccount, createApiKey } from '../../domain/accounts/accounts.ts';
import { demoPolicy, type Policy } from '../../domain/policy/rules/policy.ts';
import type { Place } from './place.ts';
import type { Profile } from './schedule.ts';

export const creditMicros = 50_000_000n;
export const rateMicrosPerMinute = 40_000n;
/** Dials to one person on one day, by policy and by pack. */
export const callsPerDay = 3;

/**
 * What the people of a batch do, by the last two digits of their number (dev/fakes/retell/outcomes.ts), in turn: most
 * answer the first call, some the second or third, and one in 24 never.
 */
const endings = '00 30 00 09 00 30 00 00 31 00 00 00 00 32 00 30 00 09 00 01 00 30 00 00'.split(' ');
/** Those of them in whose calls a person answers sooner or later. */
const answering = new Set(['00', '09', '30', '31', '32']);

export interface ChaosBatch {
  readonly accountId: string;
  readonly batchId: string;
}

/** Of people who do not exist, one phone each, from the nth of them on. */
export function peopleFile(contacts: number, first = 0): string {
  const rows = Array.from({ length: contacts }, (_, nth) => {
    const index = first + nth;
    const ending = endings[index % endings.length] ?? '00';
    const phone = `+5696${String(10_000 + index)}${ending}`;
    return `Persona Inventada ${index + 1},C${index + 1},${phone},post_compra,Producto de Prueba`;
  });
  return ['nombre,customer_id,telefono,interaction_type,producto_servicio', ...rows, ''].join('\n');
}

/** Whether whoever has this number answers in the end. */
export function answersInTheEnd(phone: string): boolean {
  return answering.has(phone.slice(-2));
}

/** The demo's policy on a shorter scale. Ring and longest call as short as the provider takes them: 75 s prove an absence. */
function policyOf({ contacts, everyMs, windowMs }: Profile): Policy {
  return {
    ...demoPolicy,
    key: 'chaos',
    version: 1,
    title: 'Caos: tandas seguidas',
    schedule: { mode: 'interval', firstAfterMs: 1_000, everyMs, windowMs },
    technicalRetryMs: 2_000,
    noAnswerRetryMs: 2_000,
    ringMs: 5_000,
    maxCallMs: 60_000,
    maxAttempts: callsPerDay,
    callsPerDay,
    groupSize: contacts,
  };
}

export interface Customer {
  readonly accountId: string;
  readonly client: ApiClient;
}

/** An account with credit and a policy of chaos' own. */
export async function createCustomer(place: Place, profile: Profile, batches = 1): Promise<Customer> {
  const owner = createDatabase({ url: place.databaseUrl, maxConnections: 1 });
  const app = createDatabase({ url: place.databaseUrl, role: 'tandas_app', maxConnections: 1 });
  try {
    const { key, version, ...rest } = policyOf(profile);
    const definition = JSON.stringify({ key, version, ...rest });
    await owner.insertInto('catalogue.policy_version').values({ key, version, definition }).execute();
    const { id: poolId } = await owner
      .selectFrom('catalogue.pool')
      .select('id')
      .where('simulated', '=', true)
      .where('rehearsal', '=', false)
      .executeTakeFirstOrThrow();
    const accountId = await createAccount(app, {
      slug: 'chaos',
      name: 'Caos SpA',
      country: 'CL',
      zone: 'America/Santiago',
      debtCurrency: 'CLP',
      plan: 'credit_based',
      rateMicrosPerMinute,
      maxLines: null,
      poolId,
      packs: [{ key: 'demo', signedOffBy: null }],
    });
    const amountMicros = creditMicros * BigInt(batches);
    await inAccount(app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros, reference: 'chaos' }),
    );
    const apiKey = await createApiKey(app, { accountId, label: 'chaos', role: 'administrator' });
    return { accountId, client: new ApiClient(place.apiUrl, apiKey) };
  } finally {
    await Promise.all([owner.destroy(), app.destroy()]);
  }
}

/** Uploads a file of people and starts calling them, as a customer does. */
export async function startChaosBatch(
  place: Place,
  { accountId, client }: Customer,
  csv: string,
): Promise<ChaosBatch> {
  const file = join(place.stateDir, 'people.csv');
  await writeFile(file, csv);
  const { import_id } = await client.import(file, { use_case: 'user_experience' });
  const batch = await client.createBatch({
    import_id,
    name: 'Caos',
    pack: 'demo',
    policy: 'chaos',
    // More than it can cost: the audit compares its counts with what was held and charged.
    budget: { amount: '1000' },
  });
  return { accountId, batchId: batch.id };
}
