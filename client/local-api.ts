import { type Api, createApi } from './api.ts';
import { apiAddress } from './local.ts';

/** The API that a command talks to: API_URL and API_KEY, or the local stack's. */
export async function localApi(): Promise<Api> {
  return createApi(await apiAddress());
}
