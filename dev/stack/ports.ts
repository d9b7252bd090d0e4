import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { codeOf, StackError } from './errors.ts';

/** One port a service will listen on, with the setting that moves it. */
export interface WantedPort {
  readonly what: string;
  readonly setting: string;
  readonly port: number;
}

const HOST = '127.0.0.1';

/** Fails before anything starts, and names the setting: "address in use" in the fifth log file helps nobody. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const problems: string[] = [];
  const seen = new Map<number, string>();
  for (const { what, setting, port } of wanted) {
    const other = seen.get(port);
    if (other !== undefined) problems.push(`${setting} y ${other} piden el mismo puerto ${port}.`);
    seen.set(port, setting);
    const free = await isFree(port);
    if (!free) {
      problems.push(
        `El puerto ${port} (${what}) está ocupado. Libérelo o use otro: ${setting}=${port + 1} npm start`,
      );
    }
  }
  if (problems.length > 0) throw new StackError(problems.join('\n'));
}

export async function isFree(port: number): Promise<boolean> {
  // Both, because a server on all addresses does not always block a second one on the loopback address.
  return (await canListen(port, HOST)) && (await canListen(port, undefined));
}

/**
 * Below what Linux (32768) and macOS (49152) give to outgoing connections: a port of theirs may be taken by the next
 * connection of anybody before the one it was found for listens on it.
 */
const ownPorts = { from: 20_000, count: 12_000 };
const mostTries = 1_000;

/** Ports that nobody uses now, of a random place. All are held at once, so that the answer never names one port twice. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  try {
    for (let tries = 0; held.size < count; tries += 1) {
      if (tries === mostTries) throw new StackError(`No hay ${count} puertos libres para servicios propios.`);
      const port = ownPorts.from + randomInt(ownPorts.count);
      const server = held.has(port) ? undefined : await hold(port);
      if (server !== undefined) held.set(port, server);
    }
    return [...held.keys()];
  } finally {
    await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

/** A server on the port, which nobody else can take while it listens; undefined: somebody has it. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ port, host: HOST, exclusive: true }, () => resolve(server));
  });
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      const code = codeOf(error);
      if (code === 'EADDRINUSE') resolve(false);
      else if (code === 'EACCES')
        reject(new StackError(`No se permite escuchar en el puerto ${port}: use uno sobre 1024.`));
      else if (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL') resolve(true);
      else reject(error);
    });
    server.listen({ port, ...(host === undefined ? {} : { host }), exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}
