import { randomBytes } from 'node:crypto';
import { databaseNow, type Trx } from '../../db/client.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import { hashKey } from './queries.ts';
import { readNetwork } from './networks.ts';
import {
  type ApiRole,
  type Holder,
  isAdministrator,
  isPermission,
  mayDo,
  type Permission,
  permissionsOf,
} from './rules/permissions.ts';
import {
  countKeys,
  endKeyIn,
  insertKey,
  type KeyKind,
  type KeyRow,
  lockKey,
  revokeKeyRow,
} from './queries-keys.ts';

/** Of one account: more would be keys that nobody watches. */
const mostKeys = 50;
const starts: Readonly<Record<KeyKind, string>> = { api_key: 'tandas_', mcp_token: 'tandas_mcp_' };
/** What a list shows of a key beyond its start: enough to tell it from others. */
const shownCharacters = 5;

/** A key of 192 random bits. */
export function newKey(kind: KeyKind): string {
  return `${starts[kind]}${randomBytes(24).toString('base64url')}`;
}

/** A key's first characters, for lists; '' for one that somebody chose, of which they might be half. */
export function prefixOf(kind: KeyKind, key: string): string {
  const isOurs = key.length === newKey(kind).length && key.startsWith(starts[kind]);
  return isOurs ? key.slice(0, starts[kind].length + shownCharacters) : '';
}

/** Who changes keys, and the most that they may open. */
export interface KeyEditor extends Caller {
  readonly holder: Holder;
}

export interface WantedKey {
  readonly kind: KeyKind;
  readonly label: string;
  readonly role: ApiRole;
  /** Null: all that its role holds. */
  readonly scopes: readonly Permission[] | null;
  /** CIDR. Null: from anywhere. */
  readonly networks: readonly string[] | null;
  /** Null: until it is revoked. */
  readonly expiresAt: Date | null;
}

export interface MadeKey {
  readonly row: KeyRow;
  /** Returned here and never again: only its hash is kept. */
  readonly key: string;
}

/** Makes a key. Throws `OperationRefused` for one that would open more than its maker's, that has ended, or that is one too many. */
export async function makeKey(trx: Trx, editor: KeyEditor, wanted: WantedKey): Promise<MadeKey> {
  requireNoMore(editor, wanted.role, wanted.scopes);
  if (wanted.kind === 'mcp_token') requireUnbound(wanted);
  if (wanted.networks !== null) requireNetworks(wanted.networks);
  const { kind, expiresAt } = wanted;
  if (expiresAt !== null && expiresAt <= (await databaseNow(trx))) {
    throw refuse('key_ends_before', {}, { field: 'expires_at' });
  }
  if ((await countKeys(trx, kind)) >= mostKeys) throw refuse('too_many_keys', { most: mostKeys });
  const made = await insert(trx, editor, wanted);
  await audit(trx, editor, kind, 'made', made.row.id);
  return made;
}

export interface KeyRef {
  readonly kind: KeyKind;
  readonly id: string;
}

/**
 * A new key in the place of one, with its label and role; the old one opens for some hours more, so that whoever uses it can change over.
 * Throws `OperationRefused` for a key that is not there, opens more than the caller's, or has ended.
 */
export async function rotateKey(
  trx: Trx,
  editor: KeyEditor,
  { kind, id, overlapHours }: KeyRef & { readonly overlapHours: number },
): Promise<MadeKey> {
  const old = await ownKey(trx, editor, { kind, id });
  const hasEnded =
    old.revoked_at !== null || (old.expires_at !== null && old.expires_at <= (await databaseNow(trx)));
  if (hasEnded) throw refuse('key_has_ended');
  const { label, role, networks, expires_at: expiresAt } = old;
  // A permission that this release no longer has opens nothing, in the new key neither.
  const scopes = old.scopes?.filter(isPermission) ?? null;
  const made = await insert(trx, editor, { kind, label, role, scopes, networks, expiresAt });
  await endKeyIn(trx, kind, id, overlapHours);
  await audit(trx, editor, kind, 'rotated', id);
  return made;
}

/** A key opens nothing from now on; again changes nothing. Throws `OperationRefused`. */
export async function revokeKey(trx: Trx, editor: KeyEditor, { kind, id }: KeyRef): Promise<KeyRow> {
  const old = await ownKey(trx, editor, { kind, id });
  const row = await revokeKeyRow(trx, kind, id);
  if (row === undefined) throw refuse('key_not_found');
  if (old.revoked_at === null) await audit(trx, editor, kind, 'revoked', id);
  return row;
}

async function ownKey(trx: Trx, editor: KeyEditor, { kind, id }: KeyRef): Promise<KeyRow> {
  const row = await lockKey(trx, kind, id);
  if (row === undefined) throw refuse('key_not_found');
  requireNoMore(editor, row.role, row.scopes?.filter(isPermission) ?? null);
  return row;
}

/** A key that opens more must not be had by one that opens less. */
function requireNoMore({ holder }: KeyEditor, role: ApiRole, scopes: readonly Permission[] | null): void {
  if (role === 'administrator' && !isAdministrator(holder)) throw refuse('administrator_only');
  const excess = permissionsOf({ kind: 'key', role, scopes }).find((one) => !mayDo(holder, one));
  if (excess !== undefined) throw refuse('key_opens_more', { permission: excess }, { field: 'scopes' });
}

/** Bounds that nobody would keep are refused, and not forgotten. */
function requireUnbound({ scopes, networks }: WantedKey): void {
  if (scopes !== null) throw refuse('token_has_no_bounds', {}, { field: 'scopes' });
  if (networks !== null) throw refuse('token_has_no_bounds', {}, { field: 'networks' });
}

function requireNetworks(networks: readonly string[]): void {
  const wrong = networks.findIndex((network) => readNetwork(network) === undefined);
  if (wrong >= 0) throw refuse('no_network', {}, { field: `networks[${wrong}]` });
}

async function insert(trx: Trx, { accountId }: KeyEditor, wanted: WantedKey): Promise<MadeKey> {
  const { kind, label, role, networks, expiresAt } = wanted;
  const scopes = wanted.scopes === null ? null : [...new Set(wanted.scopes)].toSorted();
  const key = newKey(kind);
  const row = await insertKey(trx, kind, {
    accountId,
    hash: hashKey(key),
    prefix: prefixOf(kind, key),
    label,
    role,
    scopes,
    networks,
    expiresAt,
  });
  if (row === undefined) throw new Error('two keys of 192 random bits are the same');
  return { row, key };
}

async function audit(
  trx: Trx,
  editor: KeyEditor,
  kind: KeyKind,
  done: string,
  subject: string,
): Promise<void> {
  const { accountId, actor } = editor;
  await writeAudit(trx, { accountId, actor, action: `${kind}.${done}`, subject });
}
