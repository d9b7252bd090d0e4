import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder of package.json, wherever the command was started from. */
export const projectDir = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where a stack keeps its state. `TANDAS_STATE_DIR` lets tests run a second stack beside the developer's own. */
export function stateDir(env: Env = process.env): string {
  const named = env['TANDAS_STATE_DIR'];
  return named === undefined || named === '' ? join(projectDir, '.tandas') : resolve(named);
}

/** Where built or downloaded binaries are kept for every clone of this user. */
export function cacheDir(env: Env = process.env): string {
  const own = env['TANDAS_CACHE_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(resolve(xdg), 'tandas');
  return join(homedir(), '.cache', 'tandas');
}
