import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { fakeVoiceKey, nodeService, projectScripts } from '../stack/app-services.ts';
import { Guardian } from '../stack/guardian.ts';
import { projectDir } from '../../client/local.ts';
import { freePorts } from '../stack/ports.ts';
import { removeData } from '../stack/postgres-place.ts';
import { ensureDatabase, postgresService, postgresUrl } from '../stack/postgres.ts';
import { signalQuietly } from '../stack/processes.ts';
import { Service, type ServiceSpec } from '../stack/service.ts';
import { findTemporal } from '../stack/temporal-binary.ts';
import { temporalServices } from '../stack/temporal-server.ts';
import { silent } from '../stack/terminal.ts';
import { makeCurrent } from '../../domain/temporal/deployments.ts';
import { readPoolSettings, setUp } from '../../domain/accounts/setup.ts';
import { type PartName, WORKERS, type WorkerName } from './faults.ts';
import { familyOf, freeze } from './processes.ts';

const DATABASE = 'tandas';
export const NAMESPACE = 'default';
/** The worker gives its activities 20 s to end. */
const workerStopMs = 30_000;
/** Only a bound: three times as long as a worker has taken on a machine that did a dozen other things. */
const readyWithinMs = 180_000;

export interface PlaceOptions {
  readonly lines: number;
  /** For the provider's chances: outcomes come from the numbers, spans from this. */
  readonly seed: number;
  /** Workers and API collect their heaps twice a minute and note what they still hold (dev/collecting.ts). */
  readonly notesMemory?: boolean;
}

/** A whole installation of our own: real servers, two workers, the API, and the simulated provider as a process. */
export interface Place {
  readonly stateDir: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly voice: { readonly url: string; readonly apiKey: string };
  readonly apiUrl: string;
  /** Of the process that is the part now; undefined while it is being started again. */
  pidOf(part: PartName | 'voice'): number | undefined;
  kill(part: PartName): void;
  /** Asks it to end as an orchestrator does; it comes back by itself. */
  restart(part: PartName): void;
  /** Where the part notes its memory, when it was asked to. */
  memoryFile(part: PartName): string;
  /** Freezes it; answers what thaws it. */
  freeze(part: PartName): () => void;
  /** How far the worker's wall clock is off, in ms. */
  moveClock(worker: WorkerName, offsetMs: number): Promise<void>;
  /** A worker of a new build beside the old one, then the old one drains: one after the other. */
  deploy(): Promise<void>;
  /** Ends every process and removes the state, except its logs when they are wanted. */
  close(options: { readonly keepLogs: boolean }): Promise<void>;
}

export async function startPlace(options: PlaceOptions): Promise<Place> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tandas-chaos-'));
  // PostgreSQL runs as another user when we are root, and has to get through.
  await chmod(stateDir, 0o755);
  const builder = new Builder(stateDir, options);
  try {
    return await builder.build();
  } catch (error) {
    await builder.close({ keepLogs: true });
    throw error;
  }
}

class Builder {
  readonly #stateDir: string;
  readonly #logDir: string;
  readonly #options: PlaceOptions;
  readonly #guardian = new Guardian();
  /** In the order of their start. */
  readonly #services: Service[] = [];
  readonly #parts = new Map<PartName | 'voice', Service>();
  readonly #env: NodeJS.ProcessEnv = {};
  #builds = 0;

  constructor(stateDir: string, options: PlaceOptions) {
    this.#stateDir = stateDir;
    this.#logDir = join(stateDir, 'logs');
    this.#options = options;
  }

  async build(): Promise<Place> {
    const [pg = 0, temporal = 0, voice = 0, api = 0] = await freePorts(4);
    const logFile = join(this.#logDir, 'postgres.log');
    const dataDir = join(this.#stateDir, 'postgres');
    const apiUrl = `http://127.0.0.1:${api}`;
    const voiceUrl = `http://127.0.0.1:${voice}`;
    const databaseUrl = postgresUrl(pg, DATABASE);
    const temporalAddress = `127.0.0.1:${temporal}`;
    await Promise.all([
      this.#start('postgres', postgresService({ dataDir, port: pg, logFile, throwaway: false })),
      this.#startTemporal(temporal),
    ]);
    await ensureDatabase(postgresUrl(pg, 'postgres'), DATABASE);
    const apiKey = await fakeVoiceKey(this.#stateDir);
    await setUp(databaseUrl, poolOf(voiceUrl, this.#options.lines));
    Object.assign(this.#env, {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: NAMESPACE,
      RETELL_API_KEY: apiKey,
      RETELL_BASE_URL: voiceUrl,
      API_PORT: String(api),
      API_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    });
    await this.#start('voice', this.#voiceSpec(voice, apiKey, apiUrl));
    await this.#startWorkers();
    await this.#makeCurrent();
    await this.#start('api', this.#spec('api', projectScripts.api, this.#preloads('api'), 10_000));
    return {
      stateDir: this.#stateDir,
      databaseUrl,
      temporalAddress,
      voice: { url: voiceUrl, apiKey },
      apiUrl,
      pidOf: (part) => this.#parts.get(part)?.pid,
      kill: (part) => this.#signal(part, 'SIGKILL'),
      restart: (part) => this.#signal(part, this.#serviceOf(part).spec.stopSignal),
      memoryFile: (part) => this.#memoryFile(part),
      freeze: (part) => {
        const pid = this.#serviceOf(part).pid;
        return pid === undefined ? () => undefined : freeze(pid);
      },
      moveClock: (worker, offsetMs) => writeFile(this.#clockFile(worker), String(offsetMs)),
      deploy: () => this.#deploy(),
      close: (options) => this.close(options),
    };
  }

  async close({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    for (const service of [...this.#services].reverse()) {
      // A part that is still frozen cannot end in order.
      for (const pid of service.pid === undefined ? [] : familyOf(service.pid)) signalQuietly(pid, 'SIGCONT');
      await service.stop();
    }
    this.#guardian.dismiss();
    await removeData(join(this.#stateDir, 'postgres'));
    if (keepLogs) await rm(join(this.#stateDir, 'temporal'), { recursive: true, force: true });
    else await rm(this.#stateDir, { recursive: true, force: true });
  }

  /** New workers beside the old ones, the server's word that they are current, and only then the old ones' end. */
  async #deploy(): Promise<void> {
    const old = WORKERS.map((worker) => this.#serviceOf(worker));
    this.#builds += 1;
    await insist(() => this.#startWorkers());
    await insist(() => this.#makeCurrent());
    await Promise.all(old.map((service) => service.stop()));
    for (const service of old) this.#services.splice(this.#services.indexOf(service), 1);
  }

  /** Those of this build that are not there yet: a server that is down lets none of them start. */
  async #startWorkers(): Promise<void> {
    const missing = WORKERS.filter(
      (worker) => this.#parts.get(worker)?.spec.name !== this.#workerName(worker),
    );
    await Promise.all(missing.map((worker) => this.#start(worker, this.#workerSpec(worker))));
  }

  /** Without it a worker that names its build gets no work. */
  async #makeCurrent(): Promise<void> {
    const address = this.#env['TEMPORAL_ADDRESS'] ?? '';
    const connection = await Connection.connect({ address, connectTimeout: '5 s' });
    try {
      await makeCurrent(new Client({ connection, namespace: NAMESPACE }), this.#build());
    } finally {
      await connection.close();
    }
  }

  #build(): string {
    return `chaos-${this.#builds}`;
  }

  #workerName(worker: WorkerName): string {
    return `${worker}-${this.#build()}`;
  }

  async #start(part: PartName | 'voice', spec: ServiceSpec): Promise<void> {
    const service = new Service(spec, {
      onStarted: (_, pid) => this.#guardian.watch(pid, spec.stopSignal),
    });
    await service.start({ restart: true });
    this.#services.push(service);
    this.#parts.set(part, service);
  }

  async #startTemporal(port: number): Promise<void> {
    const source = await findTemporal({
      env: { ...process.env, TEMPORAL_ADDRESS: undefined },
      progress: silent,
    });
    if (source.kind === 'address')
      throw new Error('chaos kills its Temporal server, and needs one of its own');
    const dir = join(this.#stateDir, 'temporal');
    const options = { source, profile: 'dev', dir, logDir: this.#logDir } as const;
    for (const spec of temporalServices({ ...options, port, namespace: NAMESPACE })) {
      await this.#start('temporal', spec);
    }
  }

  #workerSpec(worker: WorkerName): ServiceSpec {
    const env = {
      ...this.#preloads(worker, 'dev/chaos/moved-clock.ts'),
      CHAOS_CLOCK_FILE: this.#clockFile(worker),
      TANDAS_BUILD_ID: this.#build(),
    };
    return this.#spec(this.#workerName(worker), projectScripts.worker, env, workerStopMs);
  }

  /** What the part loads before its own modules. */
  #preloads(part: PartName, ...modules: readonly string[]): NodeJS.ProcessEnv {
    const notesMemory = this.#options.notesMemory === true;
    const urls = [...modules, ...(notesMemory ? ['dev/collecting.ts'] : [])].map(
      (module) => `--import ${pathToFileURL(join(projectDir, module)).href}`,
    );
    const options = [...(notesMemory ? ['--expose-gc'] : []), ...urls].join(' ');
    if (options === '') return {};
    return { NODE_OPTIONS: options, ...(notesMemory ? { MEMORY_FILE: this.#memoryFile(part) } : {}) };
  }

  #voiceSpec(port: number, apiKey: string, apiUrl: string): ServiceSpec {
    const env = {
      FAKE_RETELL_PORT: String(port),
      FAKE_RETELL_API_KEY: apiKey,
      FAKE_RETELL_WEBHOOK_URL: `${apiUrl}/api/v1/webhooks/retell/{account_id}`,
      FAKE_RETELL_STATE_FILE: join(this.#stateDir, 'voice.jsonl'),
      FAKE_RETELL_OUTCOMES: 'pattern',
      FAKE_RETELL_SEED: `chaos-${this.#options.seed}`,
      // More than our own lines: a line too many is to be seen in the record, and not refused.
      FAKE_RETELL_CONCURRENCY: String(this.#options.lines * 3),
      FAKE_RETELL_RING_MS: '500-1500',
      FAKE_RETELL_TALK_MS: '1500-4500',
      FAKE_RETELL_ANALYSIS_MS: '300-1000',
    };
    return this.#spec('voice', projectScripts.voice, env, 5_000, async () => {
      await fetch(`http://127.0.0.1:${port}/_fake/health`, { signal: AbortSignal.timeout(1_000) });
    });
  }

  #spec(
    name: string,
    script: string,
    env: NodeJS.ProcessEnv,
    stopWithinMs: number,
    probe?: () => Promise<void>,
  ): ServiceSpec {
    const spec = nodeService({
      name,
      script,
      env: { ...this.#env, ...env },
      logDir: this.#logDir,
      stopWithinMs,
      ...(probe === undefined ? {} : { probe }),
    });
    return { ...spec, readyWithinMs };
  }

  #clockFile(worker: WorkerName): string {
    return join(this.#stateDir, `${worker}.clock`);
  }

  #memoryFile(part: PartName): string {
    return join(this.#stateDir, `${part}.memory`);
  }

  #serviceOf(part: PartName): Service {
    const service = this.#parts.get(part);
    if (service === undefined) throw new Error(`${part} was never started`);
    return service;
  }

  #signal(part: PartName, signal: NodeJS.Signals): void {
    const { pid } = this.#serviceOf(part);
    if (pid !== undefined) signalQuietly(pid, signal);
  }
}

const insistTimes = 6;
const insistPauseMs = 5_000;

/** What has to be done although a server is being killed meanwhile. */
async function insist(act: () => Promise<void>): Promise<void> {
  for (let left = insistTimes - 1; ; left -= 1) {
    try {
      return await act();
    } catch (error) {
      if (left <= 0) throw error;
      await sleep(insistPauseMs);
    }
  }
}

function poolOf(voiceUrl: string, lines: number): ReturnType<typeof readPoolSettings> {
  return readPoolSettings({
    VOICE_SIMULATED: 'true',
    RETELL_BASE_URL: voiceUrl,
    LINES: String(lines),
    CALLS_PER_SECOND: '20',
  });
}
