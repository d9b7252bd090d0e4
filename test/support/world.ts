import type { RunDeps } from '../../domain/imports/run-import.ts';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../activities/index.ts';
import type { SimulatedVoice } from '../../domain/calls/simulated-port.ts';
import type { VoiceProvider } from '../../domain/calls/voice-port.ts';
import { createDatabase, type Database, inAccount, type Trx } from '../../db/client.ts';
import { topUp } from '../../domain/billing/queries-ledger.ts';
import { createAccount } from '../../domain/accounts/accounts.ts';
import { registerCatalogue } from '../../domain/accounts/queries-catalogue.ts';
import { phonesInOrder } from '../../domain/people/queries.ts';
import type { Mode } from '../../domain/shared/rules/mode.ts';
import { findPack } from '../../domain/policy/rules/packs/index.ts';
import { ensurePool, type PoolSettings } from '../../domain/lines/queries-pools.ts';
import { registerSearchAttributes } from '../../domain/temporal/search-attributes.ts';
import type { ContactResult } from '../../workflows/contact/contract.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { readRun } from '../../domain/contacts/queries-runs.ts';
import { contactWorkflowId } from '../../domain/temporal/rules/ids.ts';
import { listenForNews } from '../../relay/notifications.ts';
import { startOutboxRelay } from '../../relay/outbox-relay.ts';
import { createTestDatabase } from './postgres.ts';
import { replayExecution, type TestTemporal, testTemporal, workflowBundle } from './temporal.ts';

export const bundlePath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

/** A database with catalogue, one pool and one funded account; everything that a flow test shares. */
export interface World {
  readonly app: Database;
  readonly system: Database;
  readonly owner: Database;
  readonly url: string;
  readonly poolId: string;
  readonly accountId: string;
  readonly temporal: TestTemporal;
  /** Its workflows live in virtual time. */
  readonly skipping: Client;
  readonly taskQueue: string;
  close(): Promise<void>;
}

export const usd = 1_000_000n;

export async function createWorld(pool: Partial<PoolSettings> = {}): Promise<World> {
  const [database, temporal] = await Promise.all([createTestDatabase(), testTemporal()]);
  const { url } = database;
  const owner = createDatabase({ url, maxConnections: 2 });
  const app = createDatabase({ url, role: 'tandas_app' });
  const system = createDatabase({ url, role: 'tandas_system', maxConnections: 3 });
  await registerCatalogue(owner);
  const poolId = await ensurePool(owner, {
    key: 'test',
    simulated: true,
    rehearsal: true,
    fromNumber: '+566001234567',
    agentId: 'agent_test',
    capacity: 10,
    callsPerSecond: 1_000,
    ...pool,
  });
  const accountId = await newAccount(app, poolId, 100n * usd);
  await registerSearchAttributes(temporal.connection, temporal.namespace);
  const skipping = await temporal.startSkipping();
  return {
    app,
    system,
    owner,
    url,
    poolId,
    accountId,
    temporal,
    skipping,
    taskQueue: `test-${randomUUID()}`,
    async close() {
      await Promise.all([app.destroy(), system.destroy(), owner.destroy()]);
      await temporal.close();
      await database.drop();
    },
  };
}

export async function newAccount(
  app: Database,
  poolId: string,
  creditMicros: bigint,
  maxLines: number | null = null,
): Promise<string> {
  const accountId = await createAccount(app, {
    slug: `test-${randomUUID().slice(0, 8)}`,
    name: 'Cuenta de prueba',
    country: 'CL',
    zone: 'America/Santiago',
    debtCurrency: 'CLP',
    plan: 'credit_based',
    rateMicrosPerMinute: 40_000n,
    maxLines,
    poolId,
    packs: [
      { key: 'cl-collection-waves', signedOffBy: 'Prueba' },
      { key: 'demo', signedOffBy: null },
    ],
  });
  if (creditMicros > 0n) {
    await inAccount(app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: creditMicros, reference: 'first' }),
    );
  }
  return accountId;
}

export interface NewPerson {
  readonly zone?: string | null;
  readonly phones?: readonly string[];
  /** Default: owes nothing. */
  readonly debts?: readonly NewDebt[];
  /** Somebody that an earlier batch has made. */
  readonly personId?: string;
}

export interface NewDebt {
  /** Whole pesos. */
  readonly pesos: number;
  readonly dueDate: string;
  readonly reference?: string;
}

export interface NewBatch {
  readonly accountId: string;
  readonly policy?: 'collection-waves' | 'ladder' | 'demo';
  readonly pack?: 'cl-collection-waves' | 'demo';
  readonly useCase?: string;
  /** Default: rehearsed, in virtual time; the account becomes a rehearsal's. */
  readonly mode?: Mode;
  readonly groupSize?: number;
  readonly people: readonly NewPerson[];
  /** The stages that ship, by their key. Default: the batch negotiates nothing. */
  readonly negotiation?: string;
  /** Where the contacts' calendar begins. Default: `monday`. */
  readonly openedAt?: Date;
}

/** Monday 8 March 2027, 06:00 in Santiago: no holiday near, three hours before the first wave. */
export const monday = new Date('2027-03-08T09:00:00Z');

export interface MadeBatch {
  readonly batchId: string;
  readonly mode: Mode;
  readonly contacts: readonly {
    readonly contactId: string;
    readonly personId: string;
    readonly phones: readonly string[];
  }[];
}

let nextNumber = 961_000_000;

/** Chilean mobile numbers that belong to nobody here; distinct in a run. */
export function inventedPhone(): string {
  nextNumber += 1;
  return `+56${nextNumber}`;
}

export async function createBatch(world: Pick<World, 'app' | 'poolId'>, batch: NewBatch): Promise<MadeBatch> {
  const { accountId, policy = 'collection-waves', pack = 'cl-collection-waves' } = batch;
  const mode = batch.mode ?? 'rehearsal';
  return inAccount(world.app, accountId, async (trx) => {
    await live(trx, accountId, mode);
    const negotiation = await trx
      .selectFrom('catalogue.negotiation')
      .select('id')
      .where('key', '=', batch.negotiation ?? '')
      .executeTakeFirst();
    const { id: batchId } = await trx
      .insertInto('core.batch')
      .values({
        account_id: accountId,
        slug: `prueba-${randomUUID().slice(0, 12)}`,
        name: 'Prueba',
        use_case: batch.useCase ?? 'debt_collection',
        policy_key: policy,
        policy_version: 1,
        pack_key: pack,
        pack_version: findPack(pack)?.version ?? 0,
        pool_id: world.poolId,
        import_id: null,
        negotiation_id: negotiation?.id ?? null,
        group_size: batch.groupSize ?? 60,
        zone: 'America/Santiago',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const contacts: MadeBatch['contacts'][number][] = [];
    for (const [ordinal, person] of batch.people.entries()) {
      const { personId, phoneIds } =
        person.personId === undefined
          ? await createPerson(trx, accountId, person)
          : {
              personId: person.personId,
              phoneIds: (await phonesInOrder(trx, person.personId)).map(({ id }) => id),
            };
      const { id: contactId } = await trx
        .insertInto('core.contact')
        .values({
          account_id: accountId,
          batch_id: batchId,
          person_id: personId,
          ordinal,
          state: 'waiting',
          opened_at: batch.openedAt ?? monday,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await createDebts(trx, accountId, { personId, contactId, debts: person.debts ?? [] });
      contacts.push({ contactId, personId, phones: phoneIds });
    }
    return { batchId, mode, contacts };
  });
}

/** A contact is lived as its account says. An account is one of the two for good. */
async function live(trx: Trx, accountId: string, mode: Mode): Promise<void> {
  const kind = mode === 'live' ? 'customer' : 'rehearsal';
  const { before } = await trx
    .selectFrom('catalogue.account')
    .select('kind as before')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  if (before === kind) return;
  const batch = await trx.selectFrom('core.batch').select('id').limit(1).executeTakeFirst();
  if (batch !== undefined) throw new Error(`account ${accountId} has batches of a ${before}: take another`);
  await trx.updateTable('catalogue.account').set({ kind }).where('id', '=', accountId).execute();
}

async function createPerson(
  trx: Trx,
  accountId: string,
  person: NewPerson,
): Promise<{ readonly personId: string; readonly phoneIds: readonly string[] }> {
  const { id: personId } = await trx
    .insertInto('core.person')
    .values({
      account_id: accountId,
      identity_key: randomUUID(),
      national_id: null,
      name: 'Persona Inventada',
      country: 'CL',
      region: null,
      zone: person.zone === undefined ? 'America/Santiago' : person.zone,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const phoneIds: string[] = [];
  for (const [position, e164] of (person.phones ?? [inventedPhone()]).entries()) {
    const { id } = await trx
      .insertInto('core.phone')
      .values({ account_id: accountId, person_id: personId, e164, position })
      .returning('id')
      .executeTakeFirstOrThrow();
    phoneIds.push(id);
  }
  return { personId, phoneIds };
}

async function createDebts(
  trx: Trx,
  accountId: string,
  of: { readonly personId: string; readonly contactId: string; readonly debts: readonly NewDebt[] },
): Promise<void> {
  for (const debt of of.debts) {
    const { id: creditorId } = await trx
      .insertInto('catalogue.creditor')
      .values({ account_id: accountId, name: `Tienda ${randomUUID().slice(0, 8)}` })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('core.debt')
      .values({
        account_id: accountId,
        person_id: of.personId,
        contact_id: of.contactId,
        creditor_id: creditorId,
        amount_micros: BigInt(debt.pesos) * usd,
        currency: 'CLP',
        due_date: debt.dueDate,
        reference: debt.reference ?? null,
        sheet_row: null,
      })
      .execute();
  }
}

export interface Providers {
  readonly simulatedVoice?: SimulatedVoice;
  readonly voice?: VoiceProvider;
  /** Without them no file can be read. */
  readonly files?: Pick<RunDeps, 'pool' | 'store' | 'secrets'>;
}

/** A voice provider for tests that never dial for real: any use of it is a failure of the test. */
const noVoice: VoiceProvider = {
  placeCall: () => Promise.reject(new Error('this test dials nobody')),
  findCallByAttempt: () => Promise.reject(new Error('this test dials nobody')),
  getCall: () => Promise.reject(new Error('this test dials nobody')),
  stopCall: () => Promise.reject(new Error('this test dials nobody')),
  concurrency: () => Promise.reject(new Error('this test dials nobody')),
};

export async function withWorker<T>(world: World, providers: Providers, work: () => Promise<T>): Promise<T> {
  const worker = await Worker.create({
    connection: world.temporal.nativeConnection,
    namespace: world.temporal.namespace,
    taskQueue: world.taskQueue,
    workflowBundle: await workflowBundle(bundlePath),
    activities: createActivities({
      app: world.app,
      system: world.system,
      client: world.temporal.client,
      voice: providers.voice ?? noVoice,
      ...(providers.simulatedVoice === undefined ? {} : { simulatedVoice: providers.simulatedVoice }),
      ...(providers.files === undefined ? {} : { files: providers.files }),
    }),
  });
  return worker.runUntil(work());
}

/** With the relay that a worker runs. */
export async function withRelay<T>(world: World, work: () => Promise<T>): Promise<T> {
  const { app, system, taskQueue, temporal } = world;
  const news = listenForNews(world.url);
  const logger = pino({ level: 'silent' });
  const relay = startOutboxRelay({ app, system, taskQueue, client: temporal.client, news, logger });
  try {
    return await work();
  } finally {
    await relay.stop();
    await news.close();
  }
}

/** The workflow id of a contact. */
export async function contactIdOf({ owner }: Pick<World, 'owner'>, contactId: string): Promise<string> {
  const run = await readRun(owner, contactId);
  if (run === undefined) throw new Error(`there is no contact ${contactId}`);
  return contactWorkflowId(run);
}

/** Starts one contact, in virtual time by the skipping client. */
export async function startContact(
  world: World,
  client: Client,
  batch: MadeBatch,
  accountId: string,
  index = 0,
): Promise<WorkflowHandle<typeof contact>> {
  const made = batch.contacts[index];
  if (made === undefined) throw new Error(`the batch has no contact ${index}`);
  const { batchId, mode } = batch;
  return client.workflow.start<typeof contact>('contact', {
    workflowId: await contactIdOf(world, made.contactId),
    taskQueue: world.taskQueue,
    args: [{ accountId, batchId, contactId: made.contactId, run: 1, mode }],
  });
}

/** Waits for the end, replays the execution against the code, and returns its result. */
export async function finished(handle: WorkflowHandle<typeof contact>): Promise<ContactResult> {
  const result = await handle.result();
  await replayExecution(handle, await workflowBundle(bundlePath));
  return result;
}
