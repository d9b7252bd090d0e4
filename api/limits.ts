import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv, Limits } from './deps.ts';
import { type Problem, problem } from './problems.ts';

/** Token buckets by name. In this process's memory: a row for each request would cost more than what it bounds. */
export interface Buckets {
  /** Takes one token; else how long until there is one, ms. */
  take(name: string): number | undefined;
  /** Gives a token back that was taken for nothing. */
  giveBack(name: string): void;
}

/** More names than that are forgotten, the longest unused first: nobody fills our memory with addresses. */
const mostNames = 10_000;

/** Buckets that are refilled at a rate and hold so many seconds of it. Rate 0: never empty. */
export function createBuckets(perSecond: number, seconds: number, nowMs: () => number): Buckets {
  const most = perSecond * seconds;
  const kept = new Map<string, { readonly tokens: number; readonly atMs: number }>();
  const tokensOf = (name: string): number => {
    const bucket = kept.get(name);
    if (bucket === undefined) return most;
    return Math.min(most, bucket.tokens + (Math.max(0, nowMs() - bucket.atMs) / 1000) * perSecond);
  };
  const missingMs = (tokens: number): number | undefined =>
    tokens >= 1 ? undefined : Math.ceil(((1 - tokens) / perSecond) * 1000);
  return {
    giveBack(name) {
      const tokens = Math.min(most, tokensOf(name) + 1);
      if (kept.has(name)) kept.set(name, { tokens, atMs: nowMs() });
    },
    take(name) {
      if (perSecond === 0) return undefined;
      const tokens = tokensOf(name);
      const wait = missingMs(tokens);
      kept.delete(name);
      kept.set(name, { tokens: wait === undefined ? tokens - 1 : tokens, atMs: nowMs() });
      const [oldest] = kept.keys();
      if (kept.size > mostNames && oldest !== undefined) kept.delete(oldest);
      return wait;
    },
  };
}

/** A key may send for some seconds more than its rate: clients that page, or start together. */
const burstSeconds = 3;
/** Wrong keys of one address: each is a look-up. */
const wrongPerSecond = 2;
const wrongBurstSeconds = 10;

export interface Doorkeeper {
  /** By address, before anything is looked up. Providers' webhooks are never kept waiting: they would come again, and later. */
  readonly byAddress: MiddlewareHandler<ApiEnv>;
  byKey(keyId: string): void;
  /** Whether an address may have another key looked up. Throws when it has presented too many that are none. */
  mayPresent(address: string, hash: string): void;
  presented(address: string, hash: string, isRight: boolean): void;
}

const providers = /^\/api\/v1\/webhooks\/(retell|whatsapp|mercadopago)(\/|$)/;

/** Throws the 429 of whoever asks too often. `addressOf`: undefined where the address is not known, as in tests. */
export function createDoorkeeper(
  limits: Limits,
  addressOf: (c: Parameters<MiddlewareHandler<ApiEnv>>[0]) => string | undefined,
  nowMs: () => number,
): Doorkeeper {
  const addresses = createBuckets(limits.perAddressPerSecond, burstSeconds, nowMs);
  const keys = createBuckets(limits.perKeyPerSecond, burstSeconds, nowMs);
  const wrong = createBuckets(
    limits.perAddressPerSecond === 0 ? 0 : wrongPerSecond,
    wrongBurstSeconds,
    nowMs,
  );
  // A right key is let in beside the wrong ones of the same address: an office is one address.
  const right = new Set<string>();
  return {
    async byAddress(c, next) {
      const client = addressOf(c) ?? '';
      const address = networkOf(client);
      c.set('client', client);
      c.set('address', address);
      if (address !== '' && !providers.test(c.req.path)) refuseIf(addresses.take(address));
      await next();
    },
    byKey: (keyId) => refuseIf(keys.take(keyId)),
    mayPresent(address, hash) {
      // Taken before the look-up: of a thousand at once, all but a few wait.
      if (address !== '' && !right.has(hash)) refuseIf(wrong.take(address));
    },
    presented(address, hash, isRight) {
      const wasRight = right.delete(hash);
      if (!isRight) return;
      if (!wasRight) wrong.giveBack(address);
      right.add(hash);
      const [oldest] = right;
      if (right.size > mostNames && oldest !== undefined) right.delete(oldest);
    },
  };
}

/** Throws the 429 of whoever has no token left. */
export function refuseIf(waitMs: number | undefined): void {
  if (waitMs !== undefined) throw tooMany(waitMs);
}

function tooMany(waitMs: number): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return problem('too_many_requests', { seconds }, { headers: { 'retry-after': String(seconds) } });
}

/** An IPv6 address by its network: whoever has one has 2^64 of them. */
function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:/i, '').split('%')[0] ?? '';
  if (isIP(bare) !== 6) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const filled = [
    ...groups,
    ...Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0'),
    ...after,
  ];
  return `${filled.slice(0, 4).join(':')}::/64`;
}

/** The client behind proxies of ours: each adds whom it heard from at the end of `X-Forwarded-For`. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  proxies: number,
): string | undefined {
  if (proxies === 0) return peer;
  const said = (forwardedFor ?? '').slice(-2_000).split(',');
  const client = said.at(-proxies)?.trim() ?? '';
  return isIP(client) === 0 ? peer : client;
}
