import { Client, Connection } from '@temporalio/client';

/** The Temporal server that a command talks to: TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or the local stack's. */
export async function connectToTemporal(): Promise<{
  readonly client: Client;
  readonly connection: Connection;
}> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? `127.0.0.1:${process.env['TEMPORAL_PORT'] ?? '7233'}`;
  const connection = await Connection.connect({ address }).catch((error: unknown) => {
    console.error(`No Temporal server answers at ${address} (TEMPORAL_ADDRESS): ${String(error)}`);
    process.exit(2);
  });
  const namespace = process.env['TEMPORAL_NAMESPACE'] ?? 'default';
  return { client: new Client({ connection, namespace }), connection };
}
