import { randomBytes } from 'node:crypto';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { insertMail } from '../shared/queries-mail.ts';
import { refuse } from '../shared/refused.ts';
import { accountName, hashKey } from './queries.ts';
import * as db from './queries-members.ts';
import { phraseInvitation } from './rules/mails.ts';
import type { MemberRole } from './rules/permissions.ts';
import type { SignInPort } from './sign-in-port.ts';

/** An invitation is good for so long. */
const invitationDays = 7;
/** Each is a mail that we send to whatever address an account names. */
const mostInvitationsAnHour = 30;

/** Whether this can be written to; the API's own check of the form is stricter. */
export function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@"<>,;]+@[^\s@"<>,;]+\.[^\s@"<>,;]+$/.test(text.trim());
}

/** As every address is kept and compared. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

export interface NewInvitation {
  readonly email: string;
  readonly role: MemberRole;
  /** In the mail: who invites. */
  readonly invitedBy: string;
  /** In the mail: where. */
  readonly baseUrl: string;
}

/**
 * Invites somebody by mail, in one transaction with it. An open invitation of the same address ends. Throws
 * `OperationRefused` for a member, and for one invitation too many.
 */
export async function invite(
  trx: Trx,
  caller: Caller,
  { email: given, role, invitedBy, baseUrl }: NewInvitation,
): Promise<{ readonly invitation: db.InvitationRow; readonly token: string }> {
  const { accountId, actor } = caller;
  const email = normaliseEmail(given);
  const members = await db.lockMembers(trx);
  if (members.some((member) => member.email === email)) {
    throw refuse('already_member', {}, { field: 'email' });
  }
  if ((await db.countInvitationsOfHour(trx)) >= mostInvitationsAnHour) {
    throw refuse('too_many_invitations', { most: mostInvitationsAnHour });
  }
  await db.revokeInvitations(trx, { email });
  const token = randomBytes(24).toString('base64url');
  const invitation = await db.insertInvitation(trx, {
    accountId,
    email,
    role,
    tokenHash: hashKey(token),
    invitedBy,
    days: invitationDays,
  });
  const account = await accountName(trx);
  const words = phraseInvitation({ account, role, invitedBy, baseUrl, token, days: invitationDays });
  await insertMail(trx, { accountId, dedupeKey: `invitation:${invitation.id}`, recipient: email, ...words });
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'member.invited',
    subject: invitation.id,
    detail: { email, role },
  });
  return { invitation, token };
}

/** Takes an invitation back. Throws `OperationRefused` when there is no such one open. */
export async function takeBackInvitation(trx: Trx, caller: Caller, id: string): Promise<void> {
  const [ended] = await db.revokeInvitations(trx, { id });
  if (ended === undefined) throw refuse('invitation_not_found');
  const { accountId, actor } = caller;
  await writeAudit(trx, { accountId, actor, action: 'invitation.revoked', subject: id });
}

export interface Acceptance {
  readonly token: string;
  /** Of a person who is new. */
  readonly name: string | undefined;
  readonly password: string | undefined;
  /** Whoever has signed in already, if anybody has. */
  readonly signedInAs: { readonly userId: string; readonly email: string; readonly name: string } | undefined;
}

/**
 * Makes whoever has an invitation's token a member. Who is new chooses a name and a password; who is known must have
 * signed in, so that a mail that somebody else read opens nobody's account. Twice: the second time there is no such
 * invitation. Throws `OperationRefused`.
 */
export async function acceptInvitation(
  { app, signIn }: { readonly app: Database; readonly signIn: SignInPort },
  { token, name, password, signedInAs }: Acceptance,
): Promise<{ readonly accountId: string; readonly role: MemberRole; readonly email: string }> {
  const invitation = await db.findInvitation(app, hashKey(token));
  if (invitation === undefined) throw refuse('invitation_invalid', {}, { field: 'token' });
  const { account_id: accountId, email, role } = invitation;
  const person = await personOf(signIn, { email, name, password, signedInAs });
  await inAccount(app, accountId, async (trx) => {
    if (!(await db.markAccepted(trx, invitation.id))) {
      throw refuse('invitation_invalid', {}, { field: 'token' });
    }
    const member = await db.insertMember(trx, { accountId, email, role, ...person });
    if (member === undefined) throw refuse('already_member');
    await writeAudit(trx, {
      accountId,
      actor: `member: ${email}`,
      action: 'member.joined',
      subject: member.id,
      detail: { role },
    });
  });
  return { accountId, role, email };
}

async function personOf(
  signIn: SignInPort,
  of: Omit<Acceptance, 'token'> & { readonly email: string },
): Promise<{ readonly userId: string; readonly name: string }> {
  const { email, name, password, signedInAs } = of;
  const known = await signIn.findPerson(email);
  if (known === undefined) {
    if (name === undefined) throw refuse('name_missing', {}, { field: 'name' });
    if (password === undefined) throw refuse('password_missing', {}, { field: 'password' });
    if (signIn.isGuessable(password, [email, name]))
      throw refuse('password_guessable', {}, { field: 'password' });
    const { userId, isNew } = await signIn.createPerson({ email, name, password });
    if (isNew) return { userId, name };
    // Two at once: the password that was kept may be the other one's.
    throw refuse('sign_in_first');
  }
  if (signedInAs?.userId !== known.userId) throw refuse('sign_in_first');
  return known;
}

/** Gives a member another role; it holds from their next request on. Throws `OperationRefused` for the last owner. */
export async function changeRole(
  trx: Trx,
  caller: Caller,
  { id, role }: { readonly id: string; readonly role: MemberRole },
): Promise<db.MemberRow> {
  const member = await ownMember(trx, id, role === 'owner');
  if (member.role !== role) {
    await db.updateRole(trx, id, role);
    await audit(trx, caller, 'member.role_changed', id, { from: member.role, to: role });
  }
  return { ...member, role };
}

/** Removes a member: their next request is refused. Throws `OperationRefused` for the last owner. */
export async function removeMember(trx: Trx, caller: Caller, id: string): Promise<void> {
  const { email, role } = await ownMember(trx, id, false);
  await db.markRemoved(trx, id);
  await audit(trx, caller, 'member.removed', id, { email, role });
}

async function ownMember(trx: Trx, id: string, staysOwner: boolean): Promise<db.MemberRow> {
  const members = await db.lockMembers(trx);
  const member = members.find((one) => one.id === id);
  if (member === undefined) throw refuse('member_not_found');
  const otherOwners = members.filter((one) => one.role === 'owner' && one.id !== id);
  if (member.role === 'owner' && !staysOwner && otherOwners.length === 0) throw refuse('last_owner');
  return member;
}

async function audit(
  trx: Trx,
  { accountId, actor }: Caller,
  action: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeAudit(trx, { accountId, actor, action, subject, detail });
}
