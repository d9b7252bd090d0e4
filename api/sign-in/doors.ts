const password = 'an address and its password';
const session = 'the cookie of a session';
const challenge = 'the cookie of a sign-in that waits for its code, or of a session';

/** What opens each route of sign-in: no key, and no role. */
export const signInDoors: readonly (readonly [route: string, opensIt: string])[] = [
  ['POST /api/v1/auth/sign-in', password],
  ['POST /api/v1/auth/code', challenge],
  ['POST /api/v1/auth/backup-code', challenge],
  ['POST /api/v1/auth/sign-out', session],
  ['GET /api/v1/auth/session', session],
  ['GET /api/v1/auth/sessions', session],
  ['DELETE /api/v1/auth/sessions', session],
  ['DELETE /api/v1/auth/sessions/:id', session],
  ['POST /api/v1/auth/password', 'the cookie of a session and the password'],
  ['POST /api/v1/auth/password/forgotten', 'nothing: a mail goes to the address, if anybody has it'],
  ['POST /api/v1/auth/password/reset', 'the code of that mail'],
  ['POST /api/v1/auth/second-factor', 'the cookie of a session and the password'],
  ['DELETE /api/v1/auth/second-factor', 'the cookie of a session and the password'],
  ['GET /api/v1/auth/link', 'a link that signs its person in once'],
  ['POST /api/v1/auth/invitations', 'the code of an invitation'],
];
