import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { ApiRole } from './rules/permissions.ts';

/** API keys, and tokens of the bundled MCP server: the same in all but what they open. */
export type KeyKind = 'api_key' | 'mcp_token';

/** What is shown of a key: never the key. */
export interface KeyRow {
  readonly id: string;
  /** Its first characters; '' for one that was made before they were kept. */
  readonly prefix: string;
  readonly label: string;
  readonly role: ApiRole;
  /** Null: all that its role holds. Always of a token of the bundled MCP server. */
  readonly scopes: readonly string[] | null;
  /** CIDR. Null: from anywhere. */
  readonly networks: readonly string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  /** By the minute. */
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
}

const tableOf = (kind: KeyKind) => sql.table(`catalogue.${kind}`);
const roleOf = (kind: KeyKind) => (kind === 'api_key' ? sql`role` : sql`'account'`);
const boundsOf = (kind: KeyKind) =>
  kind === 'api_key'
    ? sql`scopes, networks::text[] as networks`
    : sql`null::text[] as scopes, null::text[] as networks`;
const hashOf = (kind: KeyKind) => sql.ref(kind === 'api_key' ? 'key_hash' : 'token_hash');
const columns = (kind: KeyKind) =>
  sql`id, prefix, label, ${roleOf(kind)} as role, ${boundsOf(kind)}, created_at, expires_at, last_used_at, revoked_at`;

export interface KeyToInsert {
  readonly accountId: string;
  readonly hash: string;
  readonly prefix: string;
  readonly label: string;
  readonly role: ApiRole;
  readonly scopes: readonly string[] | null;
  readonly networks: readonly string[] | null;
  readonly expiresAt: Date | null;
}

/** Undefined when a key of this hash is there already. */
export async function insertKey(trx: Trx, kind: KeyKind, key: KeyToInsert): Promise<KeyRow | undefined> {
  const { accountId, hash, prefix, label, role, scopes, networks, expiresAt } = key;
  const [columnsOfKey, valuesOfKey] =
    kind === 'api_key'
      ? [sql`, role, scopes, networks`, sql`, ${role}, ${scopes}::text[], ${networks}::cidr[]`]
      : [sql``, sql``];
  const { rows } = await sql<KeyRow>`
    insert into ${tableOf(kind)} (account_id, ${hashOf(kind)}, prefix, label, expires_at ${columnsOfKey})
    values (${accountId}, ${hash}, ${prefix}, ${label}, ${expiresAt} ${valuesOfKey})
    on conflict (${hashOf(kind)}) do nothing
    returning ${columns(kind)}`.execute(trx);
  return rows[0];
}

/** The account's keys, newest first, those that ended too. */
export async function listKeys(trx: Trx, kind: KeyKind): Promise<readonly KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select ${columns(kind)} from ${tableOf(kind)} order by created_at desc, id limit 500`.execute(trx);
  return rows;
}

/** How many of the account's keys open something now. */
export async function countKeys(trx: Trx, kind: KeyKind): Promise<number> {
  const { rows } = await sql<{ many: number }>`
    select count(*)::int as many from ${tableOf(kind)}
     where revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`.execute(trx);
  return rows[0]?.many ?? 0;
}

/** One key, locked: two rotations of it at once are one after the other. */
export async function lockKey(trx: Trx, kind: KeyKind, id: string): Promise<KeyRow | undefined> {
  const { rows } = await sql<KeyRow>`
    select ${columns(kind)} from ${tableOf(kind)} where id = ${id} for update`.execute(trx);
  return rows[0];
}

/** A key ends so many hours from now, if it does not before. */
export async function endKeyIn(trx: Trx, kind: KeyKind, id: string, hours: number): Promise<void> {
  await sql`
    update ${tableOf(kind)}
       set expires_at = least(expires_at, clock_timestamp() + ${hours} * interval '1 hour')
     where id = ${id}`.execute(trx);
}

/** Opens nothing from now on. Again: the first instant stays. */
export async function revokeKeyRow(trx: Trx, kind: KeyKind, id: string): Promise<KeyRow | undefined> {
  const { rows } = await sql<KeyRow>`
    update ${tableOf(kind)} set revoked_at = coalesce(revoked_at, clock_timestamp())
     where id = ${id} returning ${columns(kind)}`.execute(trx);
  return rows[0];
}
