import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDir } from '../dev/stack/paths.ts';

/** The API that a command talks to: API_URL and API_KEY, or the local stack's. */
export async function getFromApi(path: string): Promise<Response> {
  const url = process.env['API_URL'] ?? `http://127.0.0.1:${process.env['API_PORT'] ?? '8080'}`;
  const headers = { authorization: `Bearer ${await apiKey()}` };
  const response = await fetch(new URL(path, url), { headers }).catch((error: unknown) => {
    throw new Error(`La API no responde en ${url}: ¿está corriendo \`npm start\`?`, { cause: error });
  });
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  throw new Error(detailOf(problem) ?? `La API respondió ${response.status}.`);
}

function detailOf(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { detail_es: es, detail } = Object.fromEntries(Object.entries(problem));
  return typeof es === 'string' ? es : typeof detail === 'string' ? detail : undefined;
}

async function apiKey(): Promise<string> {
  const named = process.env['API_KEY'];
  if (named !== undefined && named !== '') return named;
  const kept = await readFile(join(stateDir(process.env), 'api-key'), 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  throw new Error(
    'Falta la clave de la API: ponla en API_KEY, o ejecuta antes `npm start`, que crea una de demostración.',
  );
}
