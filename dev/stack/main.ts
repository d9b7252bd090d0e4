import { once } from 'node:events';
import { projectScripts, type Scripts } from './app-services.ts';
import { hasBatches, loadDemo } from './demo.ts';
import { messageOf, StackError } from './errors.ts';
import { stateDir as defaultStateDir, type Env } from '../../client/local.ts';
import { preflight } from './preflight.ts';
import { readSettings } from './settings.ts';
import { Stack, type Addresses } from './stack.ts';
import { spokenDuration, terminalProgress, type Progress } from './terminal.ts';

export interface StartOptions {
  readonly args: readonly string[];
  readonly env: Env;
  readonly scripts?: Scripts;
  /** Instead of the file of the demo. */
  readonly demoFile?: string;
}

const INTERRUPTED = 130;
const MISUSED = 2;

const usage = `Uso: npm start [-- --once | --demo]

  Todo el sistema en este equipo, con proveedores simulados; la primera vez muestra la demo.
  --once  la demo y su auditoría, y termina con un código de salida
  --demo  repite la demo`;

/** `npm start`: answers the exit code once everything is stopped again. */
export async function startMain(options: StartOptions): Promise<number> {
  if (options.args.some((argument) => argument === '--help' || argument === '-h')) {
    console.log(usage);
    return 0;
  }
  const progress = terminalProgress();
  const unknown = options.args.find((argument) => argument !== '--once' && argument !== '--demo');
  if (unknown !== undefined) {
    progress.note(`No se conoce la opción: ${unknown}\n\n${usage}`);
    return MISUSED;
  }
  const stop = new AbortController();
  let stack: Stack | undefined;
  const onSignal = (): void => {
    if (stop.signal.aborted) stack?.killAll();
    else {
      progress.note('\nDeteniendo (otra vez Ctrl-C: de inmediato)…');
      stop.abort(new StackError('Interrumpido.'));
      // What is starting right now is told at once; what runs is stopped in order.
      void stack?.stop().catch(() => undefined);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const isOnce = options.args.includes('--once');
    const demo = options.args.includes('--demo');
    const settings = readSettings(options.env);
    const stateDir = defaultStateDir(options.env);
    await preflight(settings, stateDir, progress);
    stack = new Stack({
      settings,
      stateDir,
      scripts: options.scripts ?? projectScripts,
      progress,
      signal: stop.signal,
    });
    const startedAtMs = Date.now();
    const addresses = await stack.start();
    progress.note(
      `Todo arriba en ${spokenDuration(Date.now() - startedAtMs)}. Estado y registros: ${stateDir}`,
    );
    const exitCode = await demonstrate(addresses, {
      demoFile: options.demoFile,
      hasOwnVoice: settings.voice === undefined,
      isOnce,
      isWanted: demo,
      namespace: settings.namespace,
      stateDir,
      signal: stop.signal,
    });
    if (isOnce) return exitCode;
    announce(progress, addresses);
    await untilAborted(stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return INTERRUPTED;
    progress.note(error instanceof StackError ? error.message : `Error inesperado: ${describe(error)}`);
    return 1;
  } finally {
    await stack?.stop().catch((error: unknown) => progress.note(messageOf(error)));
  }
}

interface DemoOptions {
  readonly demoFile: string | undefined;
  readonly hasOwnVoice: boolean;
  readonly isOnce: boolean;
  readonly isWanted: boolean;
  readonly namespace: string;
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/** Runs the demo where it is due; answers its exit code, 0 without one. */
async function demonstrate(addresses: Addresses, options: DemoOptions): Promise<number> {
  const { isOnce, isWanted, namespace, stateDir, signal } = options;
  const asked = isOnce || isWanted;
  if (!options.hasOwnVoice) {
    if (!asked) return 0;
    throw new StackError(
      'La demo sólo usa el proveedor simulado: quite RETELL_API_KEY y RETELL_BASE_URL, o --once y --demo.',
    );
  }
  const runDemo = await loadDemo(options.demoFile);
  if (runDemo === undefined) {
    if (!asked) return 0;
    throw new StackError('Falta la demo (dev/demo/run.ts).');
  }
  if (!asked && (await hasBatches(addresses.databaseUrl))) return 0;
  const { apiUrl, temporalUiUrl, temporalAddress, databaseUrl, voiceUrl, voiceApiKey } = addresses;
  const { exitCode } = await runDemo({
    apiUrl,
    temporalUiUrl,
    temporalAddress,
    temporalNamespace: namespace,
    databaseUrl,
    fakeVoiceUrl: voiceUrl,
    fakeVoiceApiKey: voiceApiKey,
    stateDir,
    once: isOnce,
    signal,
  });
  return exitCode;
}

function announce(progress: Progress, { apiUrl, temporalUiUrl }: Addresses): void {
  progress.note('');
  progress.note(`  API         ${apiUrl}/docs`);
  if (temporalUiUrl !== undefined) progress.note(`  Temporal    ${temporalUiUrl}`);
  progress.note('  Ctrl-C detiene todo; el estado queda guardado. `npm run reset` lo borra.');
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** A failure of ours, not of the person's machine: with its stack trace. */
function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
