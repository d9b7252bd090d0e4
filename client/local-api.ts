import { apiAddress } from './local.ts';

/** The API that a command talks to: API_URL and API_KEY, or the local stack's. */
export async function getFromApi(path: string): Promise<Response> {
  const { url, key } = await apiAddress();
  const headers = { authorization: `Bearer ${key}` };
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
