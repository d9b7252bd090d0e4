import { createServer } from 'node:net';
import type { TelemetryOptions } from '@temporalio/worker';

/**
 * Temporal's own metrics are served by its native core, at a port of its own. It listens on the loopback address only,
 * and our page repeats what it says: one address a process, whatever counts inside it.
 */
export interface CoreMetrics {
  readonly telemetry: TelemetryOptions;
  readonly read: () => Promise<string>;
}

const answerMs = 2_000;

export async function createCoreMetrics(): Promise<CoreMetrics> {
  const address = `127.0.0.1:${await freePort()}`;
  return {
    telemetry: { metrics: { prometheus: { bindAddress: address, countersTotalSuffix: true } } },
    read: async () => {
      const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(answerMs) });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return response.text();
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
        else resolve(address.port);
      });
    });
  });
}
