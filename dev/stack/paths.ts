import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Env } from '../../client/local.ts';

/** Where built or downloaded binaries are kept for every clone of this user. */
export function cacheDir(env: Env = process.env): string {
  const own = env['TANDAS_CACHE_DIR'];
  if (own !== undefined && own !== '') return resolve(own);
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(resolve(xdg), 'tandas');
  return join(homedir(), '.cache', 'tandas');
}
