import { BlockList, isIP } from 'node:net';

/** Where an account may send us: a web address that it typed, which must not lead into our own network. */
export type TargetVerdict =
  { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly en: string; readonly es: string };

export interface TargetPolicy {
  /** Development only: plain http and addresses of this machine or network. Default: refused. */
  readonly allowPrivate: boolean;
}

const longestUrl = 2_000;

/** May this address be stored? Names are looked at again when they are resolved, for a name can change its mind. */
export function judgeTarget(text: string, { allowPrivate }: TargetPolicy): TargetVerdict {
  const refuse = (en: string, es: string): TargetVerdict => ({ ok: false, en, es });
  if (text.length > longestUrl) return refuse('is too long', 'es demasiado larga');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return refuse('must be an https address', 'debe ser una dirección https');
  // 'localhost.' is localhost.
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const isPrivate = isPrivateHost(host);
  const isHttp = url.protocol === 'http:' && allowPrivate && isPrivate;
  if (url.protocol !== 'https:' && !isHttp) {
    return refuse('must be an https address', 'debe ser una dirección https');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('must not hold a user or password', 'no debe llevar usuario ni contraseña');
  }
  if (isPrivate && !allowPrivate) {
    return refuse('must be reachable from the internet', 'debe ser accesible desde internet');
  }
  return { ok: true, url };
}

/** A name or address that never leaves this machine or network. */
function isPrivateHost(host: string): boolean {
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return (
    host === 'localhost' || /\.(localhost|local|internal|home\.arpa)$/i.test(host) || !host.includes('.')
  );
}

const privateV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Within 2000::/3: tunnels that carry an IPv4 address inside, benchmarks, documentation, segment routing. */
const privateV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const blocked = new BlockList();
for (const [network, prefix] of privateV4) blocked.addSubnet(network, prefix, 'ipv4');
const blocked6 = new BlockList();
for (const [network, prefix] of privateV6) blocked6.addSubnet(network, prefix, 'ipv6');
/** The only IPv6 addresses of the internet so far (IANA); a list of the others would lack the next one. */
const internet6 = new BlockList();
internet6.addSubnet('2000::', 3, 'ipv6');

/** Loopback, private, link-local (cloud metadata), carrier, documentation and multicast networks. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return blocked.check(address, 'ipv4');
  if (family === 6) {
    const bare = address.split('%')[0] ?? '';
    return !internet6.check(bare, 'ipv6') || blocked6.check(bare, 'ipv6');
  }
  return true;
}
