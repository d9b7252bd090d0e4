import { createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { readTemporal } from '../../../config.ts';
import { registerSearchAttributes } from '../../../domain/temporal/search-attributes.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let server: Http2Server | undefined;
afterEach(() => server?.close());

/** Answers every call of Temporal's client with a status, and keeps what it was asked with. */
async function serverThatSays(status: number): Promise<{ address: string; asked: IncomingHttpHeaders[] }> {
  const asked: IncomingHttpHeaders[] = [];
  server = createServer();
  server.on('stream', (stream, headers) => {
    asked.push(headers);
    const isSystemInfo = headers[':path']?.endsWith('/GetSystemInfo') === true;
    // "Unimplemented" is how a server without that call greets the client; it is content with it.
    const said = isSystemInfo ? 12 : status;
    const answer = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(said) };
    stream.respond(answer, { endStream: true });
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const { port }: AddressInfo = address;
  return { address: `127.0.0.1:${port}`, asked };
}

describe('the Temporal server', () => {
  it('is this machine’s without a word, and unset variables of a compose file are no word', () => {
    const local = { connection: { address: '127.0.0.1:7233' }, namespace: 'default' };
    expect(readTemporal({})).toMatchObject(local);
    expect(readTemporal({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '' })).toMatchObject(local);
    expect(readTemporal({}).connection.tls).toBeUndefined();
  });

  it('is reached over TLS with an API key, or with a certificate', () => {
    const address = 'cobranza.a1b2c.tmprl.cloud:7233';
    expect(readTemporal({ TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: 'key' })).toMatchObject({
      connection: { address, apiKey: 'key', tls: true },
    });
    const { tls } = readTemporal({
      TEMPORAL_TLS_CLIENT_CERT_DATA: 'certificate',
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'key',
    }).connection;
    expect(tls).toMatchObject({
      clientCertPair: { crt: bytes('certificate'), key: bytes('key') },
    });
  });

  it('gets the key with every call, and may leave search attributes to somebody else', async () => {
    const { address, asked } = await serverThatSays(7);
    const env = { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: 'the-key', TEMPORAL_TLS: 'false' };
    const connection = await Connection.connect(readTemporal(env).connection);
    expect(await registerSearchAttributes(connection, 'default')).toBe(false);
    expect(asked.map(({ authorization }) => authorization)).toEqual(asked.map(() => 'Bearer the-key'));
    expect(asked.length).toBeGreaterThan(1);
    await connection.close();
  });

  it('that fails in another way stops a worker', async () => {
    const { address } = await serverThatSays(16);
    const connection = await Connection.connect({ address });
    await expect(registerSearchAttributes(connection, 'default')).rejects.toThrow('UNAUTHENTICATED');
    await connection.close();
  });
});
