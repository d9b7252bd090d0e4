/**
 * Lets the SDK fetch the `temporal` CLI into the folder named by the first argument. A process of its own: the SDK's
 * runtime installs signal handlers and would shut down in the middle of the stack's own orderly stop.
 */
import { Runtime } from '@temporalio/worker';
import { messageOf } from './errors.ts';
import { freePorts } from './ports.ts';

const downloadDir = process.argv[2];
if (downloadDir === undefined) throw new Error('usage: temporal-sdk-download.ts <folder>');
try {
  const [port] = await freePorts(1);
  const runtime = Runtime.instance();
  const server = await runtime.createEphemeralServer({
    type: 'dev-server',
    exe: {
      type: 'cached-download',
      downloadDir,
      version: 'default',
      ttl: 0,
      sdkName: 'sdk-typescript',
      sdkVersion: '1.24.0',
    },
    namespace: 'default',
    ip: '127.0.0.1',
    port: port ?? null,
    uiPort: null,
    dbFilename: null,
    ui: false,
    log: { format: 'json', level: 'error' },
    extraArgs: [],
  });
  await runtime.shutdownEphemeralServer(server);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
