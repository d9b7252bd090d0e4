import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from '../../dev/demo/api-client.ts';
import { demoAccount } from '../../dev/demo/account.ts';
import { projectScripts } from '../../dev/stack/app-services.ts';
import { stateDir } from '../../dev/stack/paths.ts';
import { preflight } from '../../dev/stack/preflight.ts';
import { runningStack } from '../../dev/stack/run-file.ts';
import { readSettings } from '../../dev/stack/settings.ts';
import { Stack } from '../../dev/stack/stack.ts';
import { terminalProgress } from '../../dev/stack/terminal.ts';

export interface Target {
  readonly client: ApiClient;
  /** Stops what was started for it. */
  stop(): Promise<void>;
}

/**
 * The API to rehearse at: API_URL and API_KEY name one; else the local stack that runs; else one that is started for this
 * rehearsal, and stopped after it. Everything that is told goes to stderr: stdout is the report's.
 */
export async function findTarget(env: NodeJS.ProcessEnv): Promise<Target> {
  const folder = stateDir(env);
  const url = env['API_URL'] ?? `http://127.0.0.1:${env['API_PORT'] ?? '8080'}`;
  const key = env['API_KEY'] ?? '';
  if (key !== '') return at(url, key);
  if ((await runningStack(folder)) !== undefined) {
    const kept = await readFile(join(folder, 'api-key'), 'utf8').catch(() => '');
    if (kept.trim() === '') throw new Error('El entorno local aún no tiene su cuenta: espere un momento.');
    return at(url, kept.trim());
  }
  return startOwn(env, folder);
}

function at(url: string, key: string): Target {
  return { client: new ApiClient(url, key), stop: () => Promise.resolve() };
}

async function startOwn(env: NodeJS.ProcessEnv, folder: string): Promise<Target> {
  const progress = terminalProgress(process.stderr);
  const settings = readSettings(env);
  await preflight(settings, folder, progress);
  const { channels: _, mcp: __, ...scripts } = projectScripts;
  const interrupted = new AbortController();
  const stack = new Stack({ settings, stateDir: folder, scripts, progress, signal: interrupted.signal });
  const stop = async (): Promise<void> => {
    interrupted.abort();
    await stack.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(130)));
  }
  try {
    const { apiUrl, databaseUrl } = await stack.start();
    const { apiKey } = await demoAccount(databaseUrl, folder);
    return { client: new ApiClient(apiUrl, apiKey), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
