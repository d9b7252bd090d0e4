import { tmpdir } from 'node:os';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { createApp } from '../../api/app.ts';
import { mercadoPagoAt } from '../../channels/mercadopago/mercado-pago.ts';
import { createDatabase, type Database } from '../../db/client.ts';
import { createFileStore } from '../../storage/files.ts';

/** The API on parts that nobody listens at: for what needs none of them, as its documents and its routes. */
export function createLoneApp() {
  const database = createDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
  return { app: appOf({ app: database }), close: () => database.destroy() };
}

/** The API on a database, and on nothing else. */
export function appOf({ app, nowMs = () => 0 }: { readonly app: Database; readonly nowMs?: () => number }) {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  return createApp({
    app,
    // Nobody uploads here.
    store: createFileStore(tmpdir()),
    temporal: new Client({ connection }),
    skipping: new Client({ connection }),
    taskQueue: 'none',
    voice: { concurrency: () => Promise.reject(new Error('none')) },
    verifyWebhook: () => Promise.resolve({ ok: false, refusal: 'unsigned' }),
    openPaymentProvider: mercadoPagoAt(undefined),
    logger: pino({ level: 'silent' }),
    nowMs,
  });
}
