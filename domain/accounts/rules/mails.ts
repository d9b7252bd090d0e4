import type { MemberRole } from './permissions.ts';

/** What is written to people who sign in: Spanish first, English below. */
export interface MailWords {
  readonly subject: string;
  readonly body: string;
}

/** A role in both languages. */
export const roleWords: Readonly<Record<MemberRole, { readonly es: string; readonly en: string }>> = {
  owner: { es: 'dueño', en: 'owner' },
  operator: { es: 'operador', en: 'operator' },
  agent: { es: 'agente', en: 'agent' },
  auditor: { es: 'auditor', en: 'auditor' },
  viewer: { es: 'lector', en: 'viewer' },
};

/** For whoever forgot their password: good for one hour, once. */
export function phraseReset(of: {
  readonly name: string;
  readonly baseUrl: string;
  readonly token: string;
}): MailWords {
  const { name, baseUrl, token } = of;
  return {
    subject: 'Tandas: su nueva contraseña / your new password',
    body: `Hola, ${name}:

Alguien pidió una nueva contraseña para esta dirección en ${baseUrl}.
Si fue usted, elija una con este código. Vale una hora y una sola vez:

  ${token}

Si no fue usted, no haga nada: su contraseña sigue igual.

--
Hello ${name}: somebody asked for a new password for this address at ${baseUrl}.
If it was you, choose one with the code above; it is good for one hour, once. If not, do nothing.
`,
  };
}

/** For whoever is invited to an account. */
export function phraseInvitation(of: {
  readonly account: string;
  readonly role: MemberRole;
  readonly invitedBy: string;
  readonly baseUrl: string;
  readonly token: string;
  readonly days: number;
}): MailWords {
  const { account, role, invitedBy, baseUrl, token, days } = of;
  const { es, en } = roleWords[role];
  return {
    subject: `Tandas: ${account} lo invita / ${account} invites you`,
    body: `${invitedBy} lo invita a la cuenta «${account}» en ${baseUrl}, como ${es}.
Acepte con este código. Vale ${days} días y una sola vez:

  ${token}

Mientras no haya una página para ello, el código se acepta con una solicitud a ${baseUrl}/api/v1/auth/invitations
(docs/new-company.md, paso 2). Si no esperaba esta invitación, no haga nada.

--
${invitedBy} invites you to the account "${account}" at ${baseUrl}, as ${en}.
Accept with the code above by a request to ${baseUrl}/api/v1/auth/invitations (docs/new-company.md, step 2);
it is good for ${days} days, once. If you did not expect it, do nothing.
`,
  };
}
