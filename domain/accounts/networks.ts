import { BlockList, isIP } from 'node:net';

/** A network as it is written: its first address, the length of its prefix in bits, and its family. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * "203.0.113.0/24", "2001:db8::/32", or one address. Undefined for whatever is none, and for one whose address lies
 * inside of the network and is not its first: "10.0.0.7/8" is a slip, and would let in sixteen million others.
 */
export function readNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  // A prefix of 0 is everybody: whoever means that leaves the list out.
  if (prefix < 1 || prefix > most) return undefined;
  if (bigOf(address, version) % (1n << BigInt(most - prefix)) !== 0n) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Whether an address is in one of the networks. An IPv4 address inside of IPv6 is the IPv4 address. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const bare = address.replace(/^::ffff:/i, '').split('%')[0] ?? '';
  const version = isIP(bare);
  if (version === 0) return false;
  const list = new BlockList();
  for (const text of networks) {
    const network = readNetwork(text);
    if (network !== undefined) list.addSubnet(network.address, network.prefix, network.family);
  }
  return list.check(bare, version === 4 ? 'ipv4' : 'ipv6');
}

/** An address as a number. */
function bigOf(address: string, version: number): bigint {
  if (version === 4) {
    return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array<bigint>(Math.max(0, 8 - before.length - after.length)).fill(0n);
  return [...before, ...(tail === undefined ? [] : zeros), ...after].reduce(
    (sum, group) => sum * 65_536n + group,
    0n,
  );
}

/** Sixteen bits each; an IPv4 address at the end is two of them. */
function groupsOf(text: string): readonly bigint[] {
  return text
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => {
      if (!group.includes('.')) return [BigInt(`0x${group}`)];
      const four = bigOf(group, 4);
      return [four / 65_536n, four % 65_536n];
    });
}
