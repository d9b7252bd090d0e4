import type { RehearsalTarget } from '../../cli/rehearse.ts';
import { createApi } from '../../client/api.ts';
import { demoAccount } from '../demo/account.ts';
import { projectScripts } from '../stack/app-services.ts';
import { type ApiAddress, apiAddress, stateDir } from '../../client/local.ts';
import { preflight } from '../stack/preflight.ts';
import { runningStack } from '../stack/run-file.ts';
import { readSettings } from '../stack/settings.ts';
import { Stack } from '../stack/stack.ts';
import { terminalProgress } from '../stack/terminal.ts';

/**
 * The API to rehearse at: API_URL and API_KEY name one; else the local stack that runs; else one that is started for this
 * rehearsal, and stopped after it. Everything that is told goes to stderr: stdout is the report's.
 */
export async function findTarget(env: NodeJS.ProcessEnv): Promise<RehearsalTarget> {
  const folder = stateDir(env);
  if ((env['API_KEY'] ?? '') !== '') return at(await apiAddress(env));
  if ((await runningStack(folder)) !== undefined) {
    const address = await apiAddress(env).catch(() => undefined);
    if (address === undefined) throw new Error('El entorno local aún no tiene su cuenta: espere un momento.');
    return at(address);
  }
  return startOwn(env, folder);
}

function at({ url, key }: ApiAddress): RehearsalTarget {
  return { api: createApi({ url, key }), stop: () => Promise.resolve() };
}

async function startOwn(env: NodeJS.ProcessEnv, folder: string): Promise<RehearsalTarget> {
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
    return { api: createApi({ url: apiUrl, key: apiKey }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
