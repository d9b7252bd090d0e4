import createClient, { type Client } from 'openapi-fetch';
import { type Locale, problemOf, unreachable } from './problem.ts';
import type { components, paths } from './schema.d.ts';

/** Every route of the API with its parameters, bodies and answers, as its document describes them. */
export type Api = Client<paths>;

/** What the document calls so: `Schema<'Batch'>`. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

export interface ApiOptions {
  readonly url: string;
  readonly key: string;
  /** For a person's session, which may be of several accounts; a key is of one. */
  readonly account?: string;
  /** Of problems. Default: Spanish. */
  readonly locale?: Locale;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * The API as a customer calls it. Throws, in words, what it refuses (`ApiRefused`) and that nobody answers: an answer that is
 * there is a success.
 */
export function createApi({ url, key, account, locale = 'es', fetch }: ApiOptions): Api {
  const baseUrl = url.replace(/\/+$/, '');
  const api = createClient<paths>({ baseUrl, ...(fetch === undefined ? {} : { fetch }) });
  api.use({
    onRequest: ({ request }) => {
      request.headers.set('authorization', `Bearer ${key}`);
      if (account !== undefined) request.headers.set('tandas-account', account);
    },
    onResponse: async ({ response }) => {
      if (!response.ok) throw await problemOf(response, locale);
    },
    onError: ({ error }) => unreachable(baseUrl, locale, error),
  });
  return api;
}

/** What an answer holds. */
export async function answered<Data>(asked: Promise<{ readonly data?: Data }>): Promise<Data> {
  const { data } = await asked;
  if (data === undefined) throw new Error('La API respondió sin datos (the API answered without data).');
  return data;
}

type Told<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what is undefined, as fields and parameters that may be left out are typed. */
export function told<T extends object>(values: T): Told<T>;
export function told(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** The rows of a list, a page after the other, `most` at most. `isWhole`: there are no more. */
export async function pagesOf<Row>(
  most: number,
  page: (of: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Row>>,
  pageSize = 100,
): Promise<{ readonly rows: readonly Row[]; readonly isWhole: boolean }> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(pageSize, most - rows.length);
    const found: Page<Row> = await page({ limit, ...(cursor === null ? {} : { cursor }) });
    rows.push(...found.rows);
    cursor = found.next;
  } while (cursor !== null && rows.length < most);
  return { rows, isWhole: cursor === null };
}
