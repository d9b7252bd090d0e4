import { answerOf } from './answer-of.ts';
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
  return answerOf(url, path, { ...init, headers: { ...own, authorization: `Bearer ${key}` } });
}
