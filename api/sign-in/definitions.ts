import { createRoute, z } from '@hono/zod-openapi';
import { json, problems, textSchema } from '../schemas.ts';
import * as schema from './schemas.ts';

const tags = ['sign-in'];
const security = [{ session: [] }];
const done = { description: 'Done.' };
const refusedHere = { ...problems.badRequest, ...problems.unauthorised, ...problems.forbidden };

/** Routes of sign-in take a small JSON object, and answer 204 unless they have something to say. */
function taking<T extends z.ZodType>(path: string, summary: string, body: T, open = false) {
  return {
    method: 'post' as const,
    path: `/api/v1/auth/${path}`,
    tags,
    summary,
    ...(open ? {} : { security }),
    request: { body: { required: true, content: { 'application/json': { schema: body } } } },
  };
}

export const signIn = createRoute({
  ...taking('sign-in', 'Sign in with an address and its password', schema.signInSchema, true),
  responses: { 200: json(schema.signedInSchema, 'Signed in, or a code is asked for.'), ...refusedHere },
});

export const presentCode = createRoute({
  ...taking(
    'code',
    'The code of an authenticator: the second step of a sign-in, or the first code of a new one',
    schema.codeSchema,
  ),
  description: 'Each code is good once.',
  responses: { 204: done, ...refusedHere, ...problems.conflict, ...problems.tooMany },
});

export const presentBackupCode = createRoute({
  ...taking('backup-code', 'A backup code in the place of an authenticator’s', schema.backupCodeSchema),
  responses: { 204: done, ...refusedHere, ...problems.conflict, ...problems.tooMany },
});

export const signOut = createRoute({
  method: 'post',
  path: '/api/v1/auth/sign-out',
  tags,
  summary: 'End this session',
  security,
  responses: { 204: done, ...refusedHere },
});

export const session = createRoute({
  method: 'get',
  path: '/api/v1/auth/session',
  tags,
  summary: 'Who has signed in, and the accounts that they may name',
  security,
  responses: { 200: json(schema.sessionSchema, 'The person.'), ...refusedHere },
});

export const sessions = createRoute({
  method: 'get',
  path: '/api/v1/auth/sessions',
  tags,
  summary: 'The person’s sessions',
  security,
  responses: { 200: json(schema.sessionListSchema, 'All of them.'), ...refusedHere },
});

export const endOthers = createRoute({
  method: 'delete',
  path: '/api/v1/auth/sessions',
  tags,
  summary: 'End every other session of the person',
  security,
  responses: { 204: done, ...refusedHere },
});

export const endOne = createRoute({
  method: 'delete',
  path: '/api/v1/auth/sessions/{id}',
  tags,
  summary: 'End a session of the person; again changes nothing',
  security,
  request: { params: z.object({ id: textSchema(100).openapi({ param: { name: 'id', in: 'path' } }) }) },
  responses: { 204: done, ...refusedHere },
});

export const changePassword = createRoute({
  ...taking('password', 'Choose another password; other sessions end', schema.passwordChangeSchema),
  responses: { 204: done, ...refusedHere, ...problems.unprocessable },
});

export const forgotten = createRoute({
  ...taking(
    'password/forgotten',
    'Ask for a mail with a code for a new password',
    schema.forgottenSchema,
    true,
  ),
  description: 'The answer is the same whether anybody has this address or not.',
  responses: { 202: { description: 'If somebody has it, a mail is on its way.' }, ...refusedHere },
});

export const reset = createRoute({
  ...taking(
    'password/reset',
    'Choose a password with the code of the mail; every session ends',
    schema.resetSchema,
    true,
  ),
  responses: { 204: done, ...refusedHere, ...problems.unprocessable },
});

export const startSecondFactor = createRoute({
  ...taking('second-factor', 'Begin a second factor; its first code completes it', schema.passwordSchema),
  responses: { 200: json(schema.startedSchema, 'What an authenticator takes.'), ...refusedHere },
});

export const endSecondFactor = createRoute({
  ...taking('second-factor', 'Give the second factor up', schema.passwordSchema),
  method: 'delete',
  responses: { 204: done, ...refusedHere, ...problems.conflict },
});

export const link = createRoute({
  method: 'get',
  path: '/api/v1/auth/link',
  tags,
  summary: 'Sign in with a link, once; leads to the start page',
  request: { query: z.object({ token: textSchema(200) }).strict() },
  responses: { 303: { description: 'Signed in.' }, ...refusedHere },
});

export const accept = createRoute({
  ...taking('invitations', 'Accept an invitation to an account', schema.acceptanceSchema, true),
  description:
    'Whoever is new tells a name and a password, and signs in then. Whoever is known signs in first.',
  responses: {
    201: json(schema.acceptedSchema, 'A member from now on.'),
    ...refusedHere,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});
