import { fieldsOf } from './fields.ts';
import { apiAddress } from './local.ts';

/** Asks the API that a command talks to: API_URL and API_KEY, or the local stack's. Throws what it refused, in words. */
export async function askApi(
  path: string,
  {
    headers: own,
    ...init
  }: Pick<RequestInit, 'method' | 'body'> & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const { url, key } = await apiAddress();
  const headers = { ...own, authorization: `Bearer ${key}` };
  const response = await fetch(new URL(path, url), { ...init, headers }).catch((error: unknown) => {
    throw new Error(`La API no responde en ${url}: ¿está corriendo \`npm start\`?`, { cause: error });
  });
  if (response.ok) return response;
  const { detail_es: es, detail } = fieldsOf(await response.json().catch(() => undefined));
  const words = [es, detail].find((text) => typeof text === 'string');
  throw new Error(words ?? `La API respondió ${response.status}.`);
}
