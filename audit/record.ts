import type pg from 'pg';
import { AuditError, type VoiceRecordSource } from './types.ts';

/** The provider's own record, as it answered. */
export interface VoiceRecord {
  readonly posts: readonly unknown[];
  readonly calls: readonly unknown[];
}

const withinMs = 30_000;
const rowsAtOnce = 1_000;

/**
 * Reads the record of the fake provider. Undefined when the server keeps none and was not named for the audit. Throws
 * `AuditError` when there should be a record and there is no answer.
 */
export async function readVoiceRecord(source: VoiceRecordSource): Promise<VoiceRecord | undefined> {
  const calls = await read(source, '_fake/calls');
  const posts = calls === undefined ? undefined : await read(source, '_fake/posts');
  return calls === undefined || posts === undefined ? undefined : { posts, calls };
}

async function read(source: VoiceRecordSource, path: string): Promise<readonly unknown[] | undefined> {
  const url = `${source.url.replace(/\/+$/, '')}/${path}`;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      headers: { authorization: `Bearer ${source.apiKey}` },
      signal: AbortSignal.timeout(withinMs),
    });
    if (response.status === 404 && source.assumed === true) return undefined;
    body = response.ok ? await response.json() : undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'error desconocido';
    throw new AuditError(`El registro del proveedor de voz no se pudo leer (${url}): ${why}.`);
  }
  if (!Array.isArray(body)) {
    throw new AuditError(
      `El registro del proveedor de voz no se pudo leer (${url}): HTTP ${response.status}.`,
    );
  }
  return body;
}

/**
 * Puts the record into temporary tables. `before` was read before the database's rows were, `after` afterwards: of a
 * call in the first one the database must know, and a call that the database knows must be in the second.
 */
export async function loadVoiceRecord(
  client: pg.ClientBase,
  before: VoiceRecord,
  after: VoiceRecord,
): Promise<void> {
  await client.query(`
    create temp table record_json (kind text not null, body jsonb not null) on commit drop;
    create temp view record_post as
      select (body ->> 'seq')::bigint as seq, body ->> 'attemptId' as attempt_id,
             (body ->> 'placed')::boolean as placed,
             to_timestamp((body ->> 'arrivedAtMs')::numeric / 1000) as arrived_at
        from record_json where kind = 'post';
    create temp view record_call as
      select kind = 'call before' as is_before, body ->> 'callId' as call_id, body ->> 'attemptId' as attempt_id,
             body ->> 'accountId' as account_id, (body ->> 'final')::boolean as final,
             to_timestamp((body ->> 'placedAtMs')::numeric / 1000) as placed_at,
             to_timestamp((body -> 'call' ->> 'end_timestamp')::numeric / 1000) as ended_at, body -> 'call' as call
        from record_json where kind in ('call before', 'call after')`);
  await insert(client, 'post', after.posts);
  await insert(client, 'call before', before.calls);
  await insert(client, 'call after', after.calls);
  await client.query('analyze record_json');
}

async function insert(client: pg.ClientBase, kind: string, rows: readonly unknown[]): Promise<void> {
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    await client.query(
      'insert into record_json (kind, body) select $1, value from jsonb_array_elements($2::jsonb)',
      [kind, JSON.stringify(rows.slice(start, start + rowsAtOnce))],
    );
  }
}
