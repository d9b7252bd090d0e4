import { z } from 'zod';
import { fieldsOf } from './fields.ts';
import { askApi } from './local-api.ts';

/** Answers as the commands of operators read them: whole where they are printed as data, and by these where as words. */

const money = z.object({ amount: z.string(), unit: z.string() });

export const contactRow = z.object({
  id: z.string(),
  position: z.number(),
  name: z.string(),
  national_id: z.string().nullable(),
  state: z.string(),
  outcome: z.string().nullable(),
  waiting_for: z.string(),
  attempts: z.number(),
});
export const contactAnswer = contactRow.omit({ name: true, national_id: true }).extend({
  batch_id: z.string(),
  person: z.object({ name: z.string(), national_id: z.string().nullable() }),
  phones: z.array(z.object({ number: z.string(), invalid_at: z.string().nullable() })),
  debts: z.array(z.object({ creditor: z.string(), amount: money, outstanding: money.nullable() })),
  history: z.array(z.object({ at: z.string(), kind: z.string() })),
});
export const changedContact = z.object({ contact_id: z.string(), waiting_for: z.string() });
export const retriedContact = z.object({ contact_id: z.string(), run: z.number() });
export const taskRow = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['open', 'resolved']),
  resolution: z.string().nullable(),
  contact_id: z.string(),
  opened_at: z.string(),
});
export const keyRow = z.object({
  id: z.string(),
  prefix: z.string(),
  label: z.string(),
  scopes: z.array(z.string()).nullable(),
  networks: z.array(z.string()).nullable(),
  last_used_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
});
export const madeKey = z.object({ id: z.string(), key: z.string() });
export const memberRow = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() });
export const invitationAnswer = z.object({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  expires_at: z.string(),
});
export const accountAnswer = z.object({
  id: z.string(),
  name: z.string(),
  plan: z.string(),
  balances: z.array(z.object({ available: money })),
});
export const boundedBatch = z.object({
  name: z.string(),
  budget: z.object({ limit: money, spent: money, held: money, left: money }).nullable(),
});
export const changedBatch = z.object({ id: z.string(), name: z.string(), state_es: z.string() });

/** Asks the API, and reads its JSON as it is. Nothing where it answers with no body. */
export async function askJson(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await askApi(path, { method, headers, ...sent });
  return response.status === 204 ? undefined : response.json();
}

/** A path with what is told of its query; an id of somebody's typing cannot become another path. */
export function pathOf(
  parts: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) told.set(name, value);
  const path = `/api/v1/${parts.map(encodeURIComponent).join('/')}`;
  return told.size === 0 ? path : `${path}?${told.toString()}`;
}

/** The rows of a list, a page after the other, `most` at most. `isWhole`: there are no more. */
export async function listAll(
  resource: string,
  query: Readonly<Record<string, string | undefined>>,
  most: number,
): Promise<{ readonly rows: readonly unknown[]; readonly isWhole: boolean }> {
  const rows: unknown[] = [];
  let cursor: string | undefined;
  do {
    const limit = String(Math.min(100, most - rows.length));
    const page = fieldsOf(await askJson('GET', pathOf([resource], { ...query, limit, cursor })));
    const more = page[resource];
    rows.push(...(Array.isArray(more) ? more : []));
    cursor = typeof page['next_cursor'] === 'string' ? page['next_cursor'] : undefined;
  } while (cursor !== undefined && rows.length < most);
  return { rows, isWhole: cursor === undefined };
}
