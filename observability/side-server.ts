import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { whatIsMissing, type ReadinessDeps } from './readiness.ts';

/** What a process shows to whoever watches it, apart from what it does for its users. */
export interface SideServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly readiness: ReadinessDeps;
  /** The page of metrics, in Prometheus' text format. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface SideServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/health/live`, `/health/ready` and `/metrics`. Rejects when the port is taken. */
export async function startSideServer(options: SideServerOptions): Promise<SideServer> {
  const server = createServer((request, response) => void answer(options, request, response));
  await listen(server, options);
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // A scraper keeps its connection: without this the process would wait for it to go away.
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: SideServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function answer(
  { readiness, metrics }: SideServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  try {
    switch (path) {
      case '/health/live':
        return json(response, 200, { status: 'live' });
      case '/health/ready': {
        const missing = await whatIsMissing(readiness);
        return missing.length === 0
          ? json(response, 200, { status: 'ready', missing })
          : json(response, 503, { status: 'not_ready', missing });
      }
      case '/metrics': {
        const { contentType, text } = await metrics();
        response.writeHead(200, { 'content-type': contentType }).end(text);
        return;
      }
      default:
        return json(response, 404, { status: 'no_such_route' });
    }
  } catch {
    // Whoever scrapes is told that it failed, and nothing of ours.
    if (!response.headersSent) json(response, 500, { status: 'failed' });
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body));
}
