import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export type Env = Readonly<Record<string, string | undefined>>;

/** The folder of package.json, wherever the command was started from. */
export const projectDir = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Where a local stack keeps its state. `TANDAS_STATE_DIR` lets tests run a second stack beside the developer's own. */
export function stateDir(env: Env = process.env): string {
  const named = given(env['TANDAS_STATE_DIR']);
  return named === undefined ? join(projectDir, '.tandas') : resolve(named);
}

/** A variable of the environment; an empty one counts as not given. */
function given(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

export interface ApiAddress {
  readonly url: string;
  readonly key: string;
}

/**
 * The API that a command talks to: API_URL and API_KEY, or those of the local stack. Throws, in words, where there is no
 * key.
 */
export async function apiAddress(env: Env = process.env): Promise<ApiAddress> {
  const url = given(env['API_URL']) ?? `http://127.0.0.1:${given(env['API_PORT']) ?? '8080'}`;
  const key = given(env['API_KEY']) ?? given(await textOf(join(stateDir(env), 'api-key')));
  if (key !== undefined) return { url, key };
  throw new Error(
    'Falta la clave de la API: defina API_KEY, o ejecute antes `npm start`, que crea una de demostración.',
  );
}

const localSchema = z.object({
  databaseUrl: z.string(),
  /** The simulated voice provider; absent where the stack calls by a real one. */
  voice: z.object({ url: z.string(), apiKey: z.string() }).optional(),
});

/** Where the parts of the local stack answer, for commands that look at them directly. */
export type LocalStack = z.infer<typeof localSchema>;

const fileOf = (folder: string): string => join(folder, 'addresses.json');

/** Written by a local stack when it is up. */
export async function writeLocalStack(folder: string, local: LocalStack): Promise<void> {
  // The database's password is a fixed one of this machine's loopback, and yet nobody else's business.
  await writeFile(fileOf(folder), `${JSON.stringify(local, null, 2)}\n`, { mode: 0o600 });
}

export async function removeLocalStack(folder: string): Promise<void> {
  await rm(fileOf(folder), { force: true });
}

/** Undefined when no stack of this folder is up. One that was killed may have left its addresses. */
export async function readLocalStack(env: Env = process.env): Promise<LocalStack | undefined> {
  const text = await textOf(fileOf(stateDir(env)));
  return text === '' ? undefined : localSchema.parse(JSON.parse(text));
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
