import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLocalStack, writeLocalStack } from '../../client/local.ts';
import { readPoolSettings, setUp } from '../../domain/accounts/setup.ts';
import { answersHttp, fakeVoiceKey, nodeService, type Scripts } from './app-services.ts';
import { channelEnv, channelsService, secretsKey } from './channels.ts';
import { Guardian } from './guardian.ts';
import { ensureDatabase, ping, postgresService, postgresUrl } from './postgres.ts';
import { signalQuietly } from './processes.ts';
import { RunFile } from './run-file.ts';
import { Service, type ServiceSpec } from './service.ts';
import type { Settings } from './settings.ts';
import { findTemporal, type TemporalSource } from './temporal-binary.ts';
import { ensureNamespace, temporalServices } from './temporal-server.ts';
import { spokenDuration, step, type Progress } from './terminal.ts';

export const DATABASE = 'tandas';
/** The simulated provider's lines: ten, as the demo says, and as many calls a second as it likes. */
const simulatedPool = { LINES: '10', CALLS_PER_SECOND: '20' };
/** The worker gives its activities 20 s to end; killed before that, it would leave a dial with an unknown outcome. */
const WORKER_STOP_MS = 30_000;

export interface StackOptions {
  readonly settings: Settings;
  readonly stateDir: string;
  readonly scripts: Scripts;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Addresses {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | undefined;
  readonly voiceUrl: string;
  readonly voiceApiKey: string;
  readonly apiUrl: string;
}

/** All processes of one development stack, started in order and stopped in the opposite one. */
export class Stack {
  readonly #options: StackOptions;
  readonly #logDir: string;
  readonly #runFile: RunFile;
  readonly #guardian = new Guardian();
  readonly #services: Service[] = [];
  #stopped: Promise<void> | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#logDir = join(options.stateDir, 'logs');
    this.#runFile = new RunFile(options.stateDir);
  }

  async start(): Promise<Addresses> {
    await mkdir(this.#logDir, { recursive: true });
    await this.#keepOldLogs();
    this.#runFile.set('start', process.pid);
    if (this.#guardian.pid !== undefined) this.#runFile.set('guardian', this.#guardian.pid);
    const databaseUrl = await this.#startPostgres();
    const temporal = await this.#startTemporal();
    const voice = await this.#startVoice(databaseUrl);
    await writeLocalStack(this.#options.stateDir, {
      databaseUrl,
      ...(this.#options.settings.voice === undefined ? { voice } : {}),
    });
    await this.#setUp(databaseUrl, voice.url);
    const key = await secretsKey(this.#options.stateDir);
    const channels = { settings: this.#options.settings, key, apiUrl: this.#apiUrl() };
    const env = {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: this.#options.settings.namespace,
      RETELL_API_KEY: voice.apiKey,
      RETELL_BASE_URL: voice.url,
      ...channelEnv(channels),
      API_PORT: String(this.#options.settings.apiPort),
      STORAGE_DIR: join(this.#options.stateDir, 'storage'),
      // Whoever names a mail server means it.
      ...(process.env['SMTP_URL'] === undefined ? { MAIL_DIR: join(this.#options.stateDir, 'mail') } : {}),
      // Its keys are known to everybody who has this repository: not for the network, unless it is asked for.
      API_HOST: process.env['API_HOST'] ?? '127.0.0.1',
    };
    await this.#startActions(channelsService(channels, this.#options.scripts, this.#logDir), env);
    await this.#startApp('worker', this.#options.scripts.worker, env, WORKER_STOP_MS, () => 'Worker listo');
    const apiUrl = this.#apiUrl();
    const apiEnv = { ...env, METRICS_PORT: portAfter(process.env['METRICS_PORT']) };
    await this.#startApp(
      'api',
      this.#options.scripts.api,
      apiEnv,
      10_000,
      () => `API lista · ${apiUrl}/docs`,
    );
    await this.#runFile.written();
    return {
      databaseUrl,
      temporalAddress: temporal.address,
      temporalUiUrl: temporal.uiUrl,
      voiceUrl: voice.url,
      voiceApiKey: voice.apiKey,
      apiUrl,
    };
  }

  /** In the opposite order, each part to its end: nobody loses the server that it still talks to. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** For the person who presses Ctrl-C twice. */
  killAll(): void {
    for (const { pid } of this.#services) if (pid !== undefined) signalQuietly(pid, 'SIGKILL');
  }

  async #stopAll(): Promise<void> {
    for (const service of [...this.#services].reverse()) {
      const { name } = service.spec;
      await step(
        this.#options.progress,
        `Deteniendo ${name}`,
        () => service.stop(),
        () => `${name} detenido`,
      );
    }
    this.#guardian.dismiss();
    await this.#runFile.remove();
    await removeLocalStack(this.#options.stateDir);
  }

  async #launch(spec: ServiceSpec): Promise<void> {
    // A stop that came between two steps: nothing may start behind its back.
    this.#options.signal.throwIfAborted();
    const { progress } = this.#options;
    const service = new Service(spec, {
      onStarted: (name, pid) => {
        this.#guardian.watch(pid, spec.stopSignal);
        this.#runFile.set(name, pid);
      },
      onDied: (name, how, waitMs) =>
        progress.note(
          `↻ ${name} terminó (${how.split('\n')[0] ?? ''}); se reinicia en ${spokenDuration(waitMs)}`,
        ),
      onRecovered: (name, tookMs) => progress.note(`✓ ${name} otra vez arriba (${spokenDuration(tookMs)})`),
    });
    this.#services.push(service);
    await service.start({ restart: true });
  }

  async #startPostgres(): Promise<string> {
    const { settings, stateDir, progress } = this.#options;
    const named = settings.databaseUrl;
    if (named !== undefined) {
      const done = (): string => 'PostgreSQL de DATABASE_URL responde';
      await step(progress, 'PostgreSQL de DATABASE_URL', () => ping(named), done);
      return named;
    }
    const port = settings.postgresPort;
    const run = async (): Promise<string> => {
      const logFile = join(this.#logDir, 'postgres.log');
      const dataDir = join(stateDir, 'postgres');
      await this.#launch(postgresService({ dataDir, port, logFile, throwaway: false }));
      await ensureDatabase(postgresUrl(port, 'postgres'), DATABASE);
      return postgresUrl(port, DATABASE);
    };
    return await step(progress, 'PostgreSQL', run, () => `PostgreSQL 18 listo · puerto ${port}`);
  }

  async #startTemporal(): Promise<{ address: string; uiUrl: string | undefined }> {
    const { settings, progress, signal } = this.#options;
    const env = { ...process.env, TEMPORAL_ADDRESS: settings.temporalAddress };
    const find = (): Promise<TemporalSource> => findTemporal({ env, progress, signal });
    const { temporalPort: port, temporalUiPort: uiPort, namespace, temporalAddress } = settings;
    if (temporalAddress !== undefined) {
      const done = (): string => `Temporal de TEMPORAL_ADDRESS responde · ${temporalAddress}`;
      await step(progress, 'Temporal', () => ensureNamespace(temporalAddress, namespace), done);
      return { address: temporalAddress, uiUrl: process.env['TEMPORAL_UI_URL'] };
    }
    const source = await step(progress, 'Buscando Temporal', find, describeSource);
    if (source.kind === 'address') throw new Error('unreachable: the address was handled above');
    const dir = join(this.#options.stateDir, 'temporal');
    const services = temporalServices({
      source,
      profile: 'dev',
      dir,
      logDir: this.#logDir,
      port,
      uiPort,
      namespace,
    });
    const uiUrl = `http://127.0.0.1:${uiPort}`;
    const run = async (): Promise<void> => {
      for (const spec of services) await this.#launch(spec);
    };
    await step(progress, 'Temporal', run, () => `Temporal listo · puerto ${port} · UI ${uiUrl}`);
    return { address: `127.0.0.1:${port}`, uiUrl };
  }

  async #setUp(databaseUrl: string, voiceUrl: string): Promise<void> {
    const isOurs = this.#options.settings.voice === undefined;
    const pool = readPoolSettings({
      ...(isOurs ? { ...simulatedPool, VOICE_SIMULATED: 'true' } : {}),
      ...process.env,
      RETELL_BASE_URL: voiceUrl,
    });
    await step(
      this.#options.progress,
      'Migraciones',
      () => setUp(databaseUrl, pool),
      ({ migrations }) =>
        migrations.length === 0
          ? 'Base de datos al día'
          : `Base de datos al día · ${migrations.length} migraciones`,
    );
  }

  async #startVoice(databaseUrl: string): Promise<{ url: string; apiKey: string }> {
    const { settings, stateDir, progress, scripts } = this.#options;
    if (settings.voice !== undefined) {
      progress.note(`✓ Proveedor de voz de RETELL_BASE_URL · ${settings.voice.baseUrl}`);
      return { url: settings.voice.baseUrl, apiKey: settings.voice.apiKey };
    }
    const apiKey = await fakeVoiceKey(stateDir);
    const port = settings.voicePort;
    const defaults = {
      FAKE_RETELL_WEBHOOK_URL: `${this.#apiUrl()}/api/v1/webhooks/retell/{account_id}`,
      FAKE_RETELL_FUNCTION_URL: `${this.#apiUrl()}/api/v1/webhooks/retell/{account_id}/functions`,
      FAKE_RETELL_RING_MS: '500-2000',
      FAKE_RETELL_TALK_MS: '2000-6000',
      FAKE_RETELL_ANALYSIS_MS: '300-1000',
    };
    const spec = nodeService({
      name: 'voice',
      script: scripts.voice,
      env: {
        ...defaults,
        ...namedIn(process.env, Object.keys(defaults)),
        FAKE_RETELL_PORT: String(port),
        FAKE_RETELL_API_KEY: apiKey,
        FAKE_RETELL_PEOPLE_URL: databaseUrl,
        FAKE_RETELL_STATE_FILE: join(stateDir, 'voice.jsonl'),
      },
      logDir: this.#logDir,
      stopWithinMs: 5_000,
      probe: answersHttp(port),
    });
    const done = (): string => `Proveedor de voz simulado listo · puerto ${port}`;
    await step(progress, 'Proveedor de voz simulado', () => this.#launch(spec), done);
    return { url: `http://127.0.0.1:${port}`, apiKey };
  }

  async #startApp(
    name: string,
    script: string,
    env: NodeJS.ProcessEnv,
    stopWithinMs: number,
    done: () => string,
  ): Promise<void> {
    const spec = nodeService({ name, script, env, logDir: this.#logDir, stopWithinMs });
    await step(this.#options.progress, name, () => this.#launch(spec), done);
  }

  /** Simulated channels and the bundled MCP server, at once: neither waits for the other. */
  async #startActions(channels: ServiceSpec | undefined, env: NodeJS.ProcessEnv): Promise<void> {
    const { settings, scripts, progress } = this.#options;
    const { mcp: script } = scripts;
    const specs = [
      ...(channels === undefined ? [] : [channels]),
      ...(script === undefined
        ? []
        : [nodeService({ name: 'mcp', script, env, logDir: this.#logDir, stopWithinMs: 15_000 })]),
    ];
    if (specs.length === 0) return;
    const done = (): string => `Servidor MCP listo · puerto ${settings.mcpPort}`;
    await step(progress, 'Servidor MCP', () => Promise.all(specs.map((spec) => this.#launch(spec))), done);
  }

  #apiUrl(): string {
    return `http://127.0.0.1:${this.#options.settings.apiPort}`;
  }

  /** One earlier run is kept; without this the logs of a long-lived clone would fill the disk. */
  async #keepOldLogs(): Promise<void> {
    for (const name of await readdir(this.#logDir)) {
      if (!name.endsWith('.log') || name.endsWith('.previous.log')) continue;
      await rename(join(this.#logDir, name), join(this.#logDir, name.replace(/\.log$/, '.previous.log')));
    }
  }
}

/** The worker has METRICS_PORT itself, and the API the one after it: each shows its own figures. */
function portAfter(port: string | undefined): string {
  return port === undefined || port === '' ? '' : String(Number(port) + 1);
}

function describeSource(source: TemporalSource): string {
  return source.kind === 'cli'
    ? `Temporal encontrado · CLI ${source.version}`
    : 'Temporal encontrado · en caché';
}

function namedIn(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]));
}
