import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { isPrivateAddress, judgeTarget, type TargetPolicy } from './targets.ts';

/** An address that must not be asked. Thrown before anything leaves. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused';
}

export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` for addresses that accounts typed. Follows no redirect, and looks at the address that a name resolves to
 * in the very look-up of the connection: a name that answers differently the second time leads nowhere else.
 */
export function createGuardedFetch(policy: TargetPolicy): Fetch {
  return async (input, init = {}) => {
    const verdict = judgeTarget(String(input), policy);
    if (!verdict.ok) throw new TargetRefused(`the address ${verdict.en}`);
    return send(verdict.url, init, policy);
  };
}

function send(url: URL, init: RequestInit, policy: TargetPolicy): Promise<Response> {
  // Through the platform's own Request: headers and body of any shape become one.
  const asked = new Request(url, { ...init, redirect: 'manual' });
  const headers = Object.fromEntries(asked.headers);
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(asError(error));
    const sent = start(
      url,
      { method: asked.method, headers, signal: asked.signal, lookup: guardedLookup(policy), agent: false },
      (incoming) => {
        try {
          resolve(respond(incoming));
        } catch (error) {
          fail(error);
        }
      },
    );
    sent.on('error', fail);
    if (asked.body === null) {
      sent.end();
      return;
    }
    asked.arrayBuffer().then((body) => {
      sent.setHeader('content-length', body.byteLength);
      sent.end(Buffer.from(body));
    }, fail);
  });
}

function respond(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
  const bodiless = status === 204 || status === 205 || status === 304;
  if (bodiless) incoming.resume();
  // Node's own web streams and the DOM's differ in name only.
  const stream = bodiless ? null : new Response(streamOf(incoming)).body;
  return new Response(stream, { status, headers });
}

async function* streamOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of Readable.from(incoming)) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

function guardedLookup({ allowPrivate }: TargetPolicy): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 4);
        return;
      }
      const refused = allowPrivate ? undefined : addresses.find(({ address }) => isPrivateAddress(address));
      const [first] = addresses;
      if (refused !== undefined || first === undefined) {
        callback(new TargetRefused('the name leads to an address of a private network'), '', 4);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
