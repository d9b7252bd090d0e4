import { createServer } from 'node:net';
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

/** Ports that nobody uses now. All are held at once, so that the answer never names one port twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(
      servers.map(
        (server) =>
          new Promise<number>((resolve, reject) => {
            server.once('error', reject);
            server.listen({ port: 0, host: HOST }, () => {
              const address = server.address();
              if (address === null || typeof address === 'string') reject(new Error('no TCP address'));
              else resolve(address.port);
            });
          }),
      ),
    );
  } finally {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
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
