import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  url: string;
  readonly received: Received[];
  /** While it is set, nobody is answered. */
  hold: Promise<void> | undefined;
  /** What the next requests are answered; 'drop' breaks the connection. Default, and when used up: 200. */
  readonly answers: (number | 'drop')[];
  close(): Promise<void>;
}

/** A customer's own web server: takes whatever comes, and answers as told. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const answers: (number | 'drop')[] = [];
  const receiver: Receiver = {
    url: '',
    received,
    answers,
    hold: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    const answerNow = async (): Promise<void> => {
      const body = Buffer.concat(parts).toString('utf8');
      received.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
      });
      await receiver.hold;
      const answer = answers.shift() ?? 200;
      if (answer === 'drop') {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:1/' } : {});
      response.end('ok');
    };
    request.on('end', () => void answerNow());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  receiver.url = `http://127.0.0.1:${port}/hooks`;
  return receiver;
}
