import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { type Config, readConfig } from '../config.ts';
import { createDatabase, type Database } from '../db/client.ts';
import { registerSearchAttributes } from '../domain/temporal/search-attributes.ts';
import { createRetellProvider, type RetellOptions } from '../channels/retell/retell.ts';
import { listRetellCalls } from '../channels/retell/list.ts';
import type { VoiceProvider } from '../domain/calls/voice-port.ts';
import { TASK_QUEUE } from '../domain/temporal/rules/task-queues.ts';
import { CommandError } from './command.ts';
import { reconcileCalls } from '../maintenance/restore/calls.ts';
import { countSpoken, reconcileContacts, resumeBatches } from '../maintenance/restore/contacts.ts';

export const usage = `Usage: npm run reconcile -- calls --since INSTANT   asks the provider for the calls that the copy does not have
       npm run reconcile -- contacts                gives every open contact a run
       npm run reconcile -- resume                  lets the paused batches go on`;

interface Parts {
  readonly config: Config;
  readonly owner: Database;
  readonly app: Database;
  readonly voice: VoiceProvider;
  readonly provider: RetellOptions;
}

/**
 * After a restore, in this order, with workers and API started between the second and the third. Exit code 1 when the
 * provider made calls that nothing in the copy explains.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { since: { type: 'string' } },
  });
  const [step] = positionals;
  if (step !== 'calls' && step !== 'contacts' && step !== 'resume') throw new CommandError(usage);
  const config = readConfig(process.env);
  const provider = {
    apiKey: config.retellApiKey,
    ...(config.retellBaseUrl === undefined ? {} : { baseUrl: config.retellBaseUrl }),
  };
  const owner = createDatabase({ url: config.databaseUrl, maxConnections: 2 });
  const app = createDatabase({ url: config.databaseUrl, role: 'tandas_app', maxConnections: 2 });
  const parts = { config, owner, app, voice: createRetellProvider(provider), provider };
  try {
    if (step === 'calls') await calls(parts, values.since);
    else if (step === 'contacts') await contacts(parts);
    else await resume(parts);
  } finally {
    await Promise.all([owner.destroy(), app.destroy()]);
  }
}

async function calls({ app, owner, voice, provider }: Parts, given: string | undefined): Promise<void> {
  const since = new Date(given ?? '');
  if (Number.isNaN(since.getTime())) {
    throw new CommandError(
      '--since is the instant of the copy, as restore printed it: 2026-11-22T01:00:00.000Z',
    );
  }
  const found = await reconcileCalls(
    { app, owner, voice, listCalls: () => listRetellCalls(provider), tell: (words) => console.log(words) },
    since,
  );
  console.log(
    `${found.settled} calls of the copy settled, ${found.adopted} adopted that came after it, ` +
      `${found.unexplained.length} unexplained.`,
  );
  for (const id of found.unexplained) console.log(`unexplained: ${id}`);
  if (found.unexplained.length > 0) process.exitCode = 1;
}

async function withTemporal(
  config: Config,
  work: (client: Client, connection: Connection) => Promise<void>,
): Promise<void> {
  const connection = await Connection.connect(config.temporal.connection);
  try {
    await work(new Client({ connection, namespace: config.temporal.namespace }), connection);
  } finally {
    await connection.close();
  }
}

async function resume({ owner }: Parts): Promise<void> {
  const waiting = await countSpoken(owner);
  console.log(`${waiting} contacts wait for a person, ${await resumeBatches(owner)} batches go on.`);
}

async function contacts({ config, app, owner, voice }: Parts): Promise<void> {
  const system = createDatabase({ url: config.databaseUrl, role: 'tandas_system', maxConnections: 1 });
  try {
    await withTemporal(config, async (client, connection) => {
      await registerSearchAttributes(connection, config.temporal.namespace);
      const done = await reconcileContacts({ app, system, owner, voice, client, taskQueue: TASK_QUEUE });
      console.log(
        `${done.kept} contacts go on, ${done.closed} had closed, ${done.restarted} begin anew, ` +
          `${done.spoken.length} as well, and wait for a person because somebody was spoken with.`,
      );
      for (const id of done.spoken) console.log(`spoken with: ${id}`);
    });
  } finally {
    await system.destroy();
  }
}
