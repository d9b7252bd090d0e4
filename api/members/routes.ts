import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { changeRole, invite, removeMember, takeBackInvitation } from '../../domain/accounts/members.ts';
import {
  type InvitationRow,
  listInvitations,
  listMembers,
  type MemberRow,
} from '../../domain/accounts/queries-members.ts';
import { memberRoles } from '../../domain/accounts/rules/permissions.ts';
import { listMails, type MailRow } from '../../domain/shared/queries-mail.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import {
  idParams,
  idSchema,
  instantSchema,
  json,
  nextCursorSchema,
  pageQuery,
  problems,
} from '../schemas.ts';
import { emailSchema } from '../sign-in/schemas.ts';

const tags = ['members'];
const role = z.enum(memberRoles);

const memberSchema = z
  .object({ id: idSchema, name: z.string(), email: z.string(), role, created_at: instantSchema })
  .openapi('Member');

const invitationSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    role,
    invited_by: z.string(),
    created_at: instantSchema,
    expires_at: instantSchema,
  })
  .openapi('Invitation');

const mailSchema = z
  .object({
    id: idSchema,
    recipient: z.string(),
    subject: z.string(),
    state: z.enum(['waiting', 'sent', 'dead']).openapi({ description: '`dead`: it is not tried again.' }),
    tries: z.int(),
    error: z.string().nullable().openapi({ description: 'Why the last try failed.' }),
    created_at: instantSchema,
    ended_at: instantSchema.nullable(),
  })
  .openapi('Mail');

const known = {
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.forbidden,
  ...problems.notFound,
  ...problems.conflict,
};

const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/members',
  tags,
  summary: 'People who sign in for this account',
  ...access('members:read'),
  responses: {
    200: json(z.object({ members: z.array(memberSchema) }).openapi('MemberList'), 'All of them.'),
    ...problems.unauthorised,
    ...problems.forbidden,
  },
});

const changeRoute = createRoute({
  method: 'patch',
  path: '/api/v1/members/{id}',
  tags,
  summary: 'Give a member another role; it holds from their next request on',
  ...access('members:write'),
  request: {
    params: idParams,
    body: {
      required: true,
      content: { 'application/json': { schema: z.object({ role }).strict().openapi('MemberChange') } },
    },
  },
  responses: { 200: json(memberSchema, 'Changed.'), ...known },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/api/v1/members/{id}',
  tags,
  summary: 'Remove a member: their next request is refused',
  ...access('members:write'),
  request: { params: idParams },
  responses: { 204: { description: 'Removed.' }, ...known },
});

const inviteRoute = createRoute({
  method: 'post',
  path: '/api/v1/invitations',
  tags,
  summary: 'Invite somebody by mail; an open invitation of the same address ends',
  ...access('members:write'),
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({ email: emailSchema, role }).strict().openapi('NewInvitation'),
        },
      },
    },
  },
  responses: { 201: json(invitationSchema, 'The mail is on its way.'), ...known, ...problems.tooMany },
});

const invitationsRoute = createRoute({
  method: 'get',
  path: '/api/v1/invitations',
  tags,
  summary: 'Invitations that may still be accepted',
  ...access('members:read'),
  responses: {
    200: json(
      z.object({ invitations: z.array(invitationSchema) }).openapi('InvitationList'),
      'The newest first.',
    ),
    ...problems.unauthorised,
    ...problems.forbidden,
  },
});

const takeBackRoute = createRoute({
  method: 'delete',
  path: '/api/v1/invitations/{id}',
  tags,
  summary: 'Take an invitation back',
  ...access('members:write'),
  request: { params: idParams },
  responses: { 204: { description: 'Taken back.' }, ...known },
});

const mailsRoute = createRoute({
  method: 'get',
  path: '/api/v1/mails',
  tags,
  summary: 'Mails of the account, and why one could not be sent; the newest first',
  ...access('mails:read'),
  request: { query: pageQuery },
  responses: {
    200: json(
      z.object({ mails: z.array(mailSchema), next_cursor: nextCursorSchema }).openapi('MailPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
  },
});

/** Members of an account, invitations to it, and what became of the mails. */
export function memberRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addMembers(router, deps);
  addInvitations(router, deps);
  router.openapi(mailsRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listMails(trx, { after: cursor, limit: most }), byId),
    );
    return c.json({ mails: shown.map(presentMail), next_cursor }, 200);
  });
  return router;
}

function addMembers(router: OpenAPIHono<ApiEnv>, { app }: ApiDeps): void {
  router.openapi(listRoute, async (c) => {
    const rows = await inAccount(app, c.get('caller').accountId, listMembers);
    return c.json({ members: rows.map(presentMember) }, 200);
  });
  router.openapi(changeRoute, async (c) => {
    const { id } = c.req.valid('param');
    const { role: wanted } = c.req.valid('json');
    const caller = callerOf(c);
    const row = await inAccount(app, caller.accountId, (trx) =>
      changeRole(trx, caller, { id, role: wanted }),
    );
    return c.json(presentMember(row), 200);
  });
  router.openapi(removeRoute, async (c) => {
    const { id } = c.req.valid('param');
    const caller = callerOf(c);
    await inAccount(app, caller.accountId, (trx) => removeMember(trx, caller, id));
    return c.body(null, 204);
  });
}

function addInvitations(router: OpenAPIHono<ApiEnv>, { app, people }: ApiDeps): void {
  router.openapi(inviteRoute, async (c) => {
    if (people === undefined) throw problem('sign_in_off');
    const { email, role: wanted } = c.req.valid('json');
    const caller = callerOf(c);
    const { label } = c.get('caller');
    const wish = { email, role: wanted, invitedBy: label, baseUrl: people.baseUrl };
    const { invitation } = await inAccount(app, caller.accountId, (trx) => invite(trx, caller, wish));
    return c.json(presentInvitation(invitation), 201);
  });
  router.openapi(invitationsRoute, async (c) => {
    const rows = await inAccount(app, c.get('caller').accountId, listInvitations);
    return c.json({ invitations: rows.map(presentInvitation) }, 200);
  });
  router.openapi(takeBackRoute, async (c) => {
    const { id } = c.req.valid('param');
    const caller = callerOf(c);
    await inAccount(app, caller.accountId, (trx) => takeBackInvitation(trx, caller, id));
    return c.body(null, 204);
  });
}

function presentMember({ id, name, email, role: held, created_at }: MemberRow): z.infer<typeof memberSchema> {
  return { id, name, email, role: held, created_at: created_at.toISOString() };
}

function presentInvitation(row: InvitationRow): z.infer<typeof invitationSchema> {
  const { created_at, expires_at, ...rest } = row;
  return { ...rest, created_at: created_at.toISOString(), expires_at: expires_at.toISOString() };
}

function presentMail(row: MailRow): z.infer<typeof mailSchema> {
  const { created_at, ended_at, ...rest } = row;
  return { ...rest, created_at: created_at.toISOString(), ended_at: ended_at?.toISOString() ?? null };
}
