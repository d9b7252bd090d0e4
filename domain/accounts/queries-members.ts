import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import type { AccountKind } from '../../db/schema/columns.ts';
import type { MemberRole } from './rules/permissions.ts';

/** What somebody is to an account of theirs. */
export interface Membership {
  readonly id: string;
  readonly account_id: string;
  readonly role: MemberRole;
  readonly slug: string;
  readonly account_name: string;
  readonly kind: AccountKind;
}

/** The accounts of which somebody is a member now, the oldest membership first: one statement. */
export async function membershipsOf(app: Database, userId: string): Promise<readonly Membership[]> {
  const { rows } = await sql<Membership>`select * from catalogue.memberships(${userId})`.execute(app);
  return rows;
}

export interface MemberRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly created_at: Date;
}

const columns = ['id', 'user_id', 'name', 'email', 'role', 'created_at'] as const;

/** Of the transaction's account, the oldest first. */
export async function listMembers(trx: Trx): Promise<readonly MemberRow[]> {
  return trx
    .selectFrom('catalogue.member')
    .select(columns)
    .where('removed_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** All members, locked: two owners who remove each other are one after the other. */
export async function lockMembers(trx: Trx): Promise<readonly MemberRow[]> {
  return trx
    .selectFrom('catalogue.member')
    .select(columns)
    .where('removed_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** Undefined: they are a member already. */
export async function insertMember(
  trx: Trx,
  member: {
    readonly accountId: string;
    readonly userId: string;
    readonly name: string;
    readonly email: string;
    readonly role: MemberRole;
  },
): Promise<MemberRow | undefined> {
  const { accountId, userId, name, email, role } = member;
  return trx
    .insertInto('catalogue.member')
    .values({ account_id: accountId, user_id: userId, name, email, role })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'user_id']).where('removed_at', 'is', null).doNothing(),
    )
    .returning(columns)
    .executeTakeFirst();
}

export async function updateRole(trx: Trx, id: string, role: MemberRole): Promise<void> {
  await trx.updateTable('catalogue.member').set({ role }).where('id', '=', id).execute();
}

export async function markRemoved(trx: Trx, id: string): Promise<void> {
  await trx
    .updateTable('catalogue.member')
    .set({ removed_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .execute();
}

export interface InvitationRow {
  readonly id: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly invited_by: string;
  readonly created_at: Date;
  readonly expires_at: Date;
}

const invitationColumns = ['id', 'email', 'role', 'invited_by', 'created_at', 'expires_at'] as const;

/** Those that somebody may still accept, the newest first. */
export async function listInvitations(trx: Trx): Promise<readonly InvitationRow[]> {
  return trx
    .selectFrom('catalogue.invitation')
    .select(invitationColumns)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

/** How many the account has made within the hour: each is a mail to somebody. */
export async function countInvitationsOfHour(trx: Trx): Promise<number> {
  const { many } = await trx
    .selectFrom('catalogue.invitation')
    .select(sql<number>`count(*)::int`.as('many'))
    .where('created_at', '>', sql<Date>`clock_timestamp() - interval '1 hour'`)
    .executeTakeFirstOrThrow();
  return many;
}

export async function insertInvitation(
  trx: Trx,
  invitation: {
    readonly accountId: string;
    readonly email: string;
    readonly role: MemberRole;
    readonly tokenHash: string;
    readonly invitedBy: string;
    readonly days: number;
  },
): Promise<InvitationRow> {
  const { accountId, email, role, tokenHash, invitedBy, days } = invitation;
  return trx
    .insertInto('catalogue.invitation')
    .values({
      account_id: accountId,
      email,
      role,
      token_hash: tokenHash,
      invited_by: invitedBy,
      expires_at: sql<Date>`clock_timestamp() + ${days} * interval '1 day'`,
    })
    .returning(invitationColumns)
    .executeTakeFirstOrThrow();
}

/** Ends the open invitations of an address, or the one of an id. Returns those that were open. */
export async function revokeInvitations(
  trx: Trx,
  of: { readonly email: string } | { readonly id: string },
): Promise<readonly InvitationRow[]> {
  return trx
    .updateTable('catalogue.invitation')
    .set({ revoked_at: sql<Date>`clock_timestamp()` })
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where((eb) => ('id' in of ? eb('id', '=', of.id) : eb('email', '=', of.email)))
    .returning(invitationColumns)
    .execute();
}

export interface PresentedInvitation {
  readonly id: string;
  readonly account_id: string;
  readonly email: string;
  readonly role: MemberRole;
}

/** The invitation of a token that may still be accepted. */
export async function findInvitation(
  app: Database,
  tokenHash: string,
): Promise<PresentedInvitation | undefined> {
  const { rows } = await sql<PresentedInvitation>`
    select * from catalogue.present_invitation(${tokenHash})`.execute(app);
  return rows[0];
}

/** Accepts an invitation, once: false when it was accepted, taken back or over meanwhile. */
export async function markAccepted(trx: Trx, id: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.invitation')
    .set({ accepted_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
