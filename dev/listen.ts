import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a fetch handler on this machine. Port 0 takes a free one. */
export async function listenOn(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  host = '127.0.0.1',
): Promise<Listening> {
  const server = createAdaptorServer({ fetch, createServer }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server did not get a port');
  return {
    url: `http://${host}:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
