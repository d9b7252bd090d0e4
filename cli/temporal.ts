import { Client, Connection } from '@temporalio/client';
import { CommandError } from './command.ts';
import { readTemporal } from '../config.ts';

/** The Temporal server that a command talks to: the environment's, or the local stack's. */
export async function connectToTemporal(): Promise<{
  readonly client: Client;
  readonly connection: Connection;
}> {
  const target = readTemporal(process.env, process.env['TEMPORAL_PORT']);
  const connection = await Connection.connect(target.connection).catch((error: unknown) => {
    throw new CommandError(
      `No Temporal server answers at ${target.connection.address} (TEMPORAL_ADDRESS): ${String(error)}`,
    );
  });
  return { client: new Client({ connection, namespace: target.namespace }), connection };
}
