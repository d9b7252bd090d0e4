import { serve } from '@hono/node-server';
import { createFaultNotes } from '../domain/shared/channel-health.ts';
import { notedProvider } from '../domain/payments/noted-provider.ts';
import { notedSender } from '../domain/messages/noted-sender.ts';
import { whatsAppAt } from '../channels/whatsapp/whatsapp.ts';
import { mercadoPagoAt } from '../channels/mercadopago/mercado-pago.ts';
import { readConfig, takeNoArguments } from '../config.ts';
import { createDatabase } from '../db/client.ts';
import { createLogger } from '../observability/logger.ts';
import { createSecretBox, noSecretBox } from '../outbound/secret-box.ts';
import { createMcpApp } from './handler.ts';

/** Process entry of the bundled MCP server: `npm run mcp`. */
takeNoArguments(
  `Usage: npm run mcp\n\n  One process: the bundled MCP server. Its settings are environment variables: docs/configuration.md`,
);
const config = readConfig(process.env);
const logger = createLogger('mcp', config.logLevel);
const app = createDatabase({ url: config.databaseUrl, role: 'tandas_app', maxConnections: 8 });
const faults = createFaultNotes({
  app,
  // This process shows no metrics: the rows are what /health reads.
  counted: () => undefined,
  onError: (error) => logger.warn({ err: error }, 'failures of channels were not written'),
});
const mcp = createMcpApp({
  app,
  secrets: config.secretsKey === undefined ? noSecretBox : createSecretBox(config.secretsKey),
  publicUrl: config.publicUrl ?? `http://127.0.0.1:${config.apiPort}`,
  openMessageSender: notedSender(whatsAppAt(config.whatsAppUrl), faults.note),
  openPaymentProvider: notedProvider(mercadoPagoAt(config.mercadoPagoUrl), faults.note),
  logger,
});

const server = serve({ fetch: mcp.fetch, hostname: config.mcpHost, port: config.mcpPort }, ({ port }) => {
  logger.info({ port }, 'ready');
});
server.on('error', (error) => {
  logger.fatal({ err: error }, 'the MCP server cannot listen');
  process.exit(1);
});

/** Longer than one call takes: a message that is being sent gets its answer written down. */
const graceMs = 12_000;
let stopping = false;

function stop(signal: NodeJS.Signals): void {
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'stopping');
  setTimeout(() => process.exit(0), graceMs).unref();
  server.close(() => void release());
  if ('closeIdleConnections' in server) server.closeIdleConnections();
}

async function release(): Promise<void> {
  await Promise.allSettled([mcp.close(), faults.close()]);
  await app.destroy();
  process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
