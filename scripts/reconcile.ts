/**
 * `npm run reconcile -- calls --since INSTANT | contacts | resume`: after a restore, in this order, with workers and API
 * started between the second and the third. Exit 1 when the provider made calls that nothing in the copy explains.
 */
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { readConfig } from '../config.ts';
import { createDatabase } from '../db/client.ts';
import { registerSearchAttributes } from '../domain/temporal/search-attributes.ts';
import { createRetellProvider } from '../channels/retell/retell.ts';
import { listRetellCalls } from '../channels/retell/list.ts';
import { TASK_QUEUE } from '../domain/temporal/rules/task-queues.ts';
import { reconcileCalls } from './restore/calls.ts';
import { countSpoken, reconcileContacts, resumeBatches } from './restore/contacts.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { since: { type: 'string' } } });
const config = readConfig(process.env);
const provider = {
  apiKey: config.retellApiKey,
  ...(config.retellBaseUrl === undefined ? {} : { baseUrl: config.retellBaseUrl }),
};
const owner = createDatabase({ url: config.databaseUrl, maxConnections: 2 });
const app = createDatabase({ url: config.databaseUrl, role: 'tandas_app', maxConnections: 2 });
const voice = createRetellProvider(provider);
try {
  switch (positionals[0]) {
    case 'calls':
      await calls();
      break;
    case 'contacts':
      await contacts();
      break;
    case 'resume':
      await resume();
      break;
    default:
      throw new Error('Say what: npm run reconcile -- calls --since INSTANT | contacts | resume');
  }
} finally {
  await Promise.all([owner.destroy(), app.destroy()]);
}

async function calls(): Promise<void> {
  const since = new Date(values.since ?? '');
  if (Number.isNaN(since.getTime())) {
    throw new Error('--since is the instant of the copy, as restore printed it: 2026-11-22T01:00:00.000Z');
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

async function withTemporal(work: (client: Client, connection: Connection) => Promise<void>): Promise<void> {
  const connection = await Connection.connect(config.temporal.connection);
  try {
    await work(new Client({ connection, namespace: config.temporal.namespace }), connection);
  } finally {
    await connection.close();
  }
}

async function resume(): Promise<void> {
  const waiting = await countSpoken(owner);
  console.log(`${waiting} contacts wait for a person, ${await resumeBatches(owner)} batches go on.`);
}

async function contacts(): Promise<void> {
  const system = createDatabase({ url: config.databaseUrl, role: 'tandas_system', maxConnections: 1 });
  try {
    await withTemporal(async (client, connection) => {
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
