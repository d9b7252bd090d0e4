/** What a member of an account is to it. One person may be a member of several accounts, with a role in each. */
export const memberRoles = ['owner', 'operator', 'agent', 'auditor', 'viewer'] as const;
export type MemberRole = (typeof memberRoles)[number];

/** What a key is to its account: its own, or that of whoever runs the installation. */
export type ApiRole = 'account' | 'administrator';

const everybody = memberRoles;
const staff = ['owner', 'operator', 'agent', 'auditor'] as const;
const desk = ['owner', 'operator', 'agent'] as const;
const office = ['owner', 'operator', 'auditor'] as const;
const managers = ['owner', 'operator'] as const;
const owner = ['owner'] as const;
/** What moves an account's money without paying, or changes the law it calls under: whoever runs the installation. */
const nobody = [] as const;

/**
 * Which roles hold which permission: a kind of thing, and whether it is looked at or changed. Each route names one; this
 * table is the only place that says who holds it. An agent talks with people and ends what calls leave; an auditor reads
 * all and changes nothing; a viewer reads figures, and nobody's name.
 */
export const rolesOf = {
  'account:read': office,
  'agreements:read': staff,
  'alerts:read': office,
  'audit:read': ['owner', 'auditor'],
  'balance:write': nobody,
  'batches:read': everybody,
  'batches:write': managers,
  // No route names these two: they decide how much of an answer is shown.
  'calls:listen': staff,
  'channels:read': office,
  'channels:write': owner,
  'contacts:read': everybody,
  'contacts:write': desk,
  // Ids and types, nobody's name.
  'events:read': everybody,
  'explain:read': staff,
  'holidays:read': everybody,
  'holidays:write': nobody,
  'imports:read': office,
  'imports:write': managers,
  'keys:read': owner,
  'keys:write': owner,
  'mails:read': ['owner', 'auditor'],
  'members:read': ['owner', 'auditor'],
  'members:write': owner,
  'messages:read': staff,
  'negotiations:read': everybody,
  'negotiations:write': owner,
  'orders:read': office,
  'orders:write': owner,
  'payments:read': staff,
  'payments:write': managers,
  'people:read': office,
  'people:write': managers,
  'personal_data:read': staff,
  'privacy:read': office,
  'privacy:write': managers,
  'rehearsals:read': office,
  'rehearsals:write': managers,
  'results:read': office,
  'rule_packs:write': nobody,
  'self:read': everybody,
  'statements:read': office,
  'tasks:read': staff,
  'tasks:write': desk,
  'tools:read': office,
  'tools:write': owner,
  'webhooks:read': office,
  'webhooks:write': owner,
} as const satisfies Readonly<Record<string, readonly MemberRole[]>>;

export type Permission = keyof typeof rolesOf;

export function isPermission(text: unknown): text is Permission {
  return typeof text === 'string' && Object.hasOwn(rolesOf, text);
}

/** Every permission, in the order of the alphabet. */
export const permissions: readonly Permission[] = Object.keys(rolesOf).filter(isPermission).toSorted();

/** Those that no route names: they decide what an answer shows. */
export const aspects = ['personal_data:read'] as const satisfies readonly Permission[];

/** Never in a key's scopes: a key that leaks must make neither itself another one nor its finder a member. */
const unscoped = [
  'keys:read',
  'keys:write',
  'members:read',
  'members:write',
] as const satisfies readonly Permission[];
const neverScoped: ReadonlySet<Permission> = new Set(unscoped);

export type Scope = Exclude<Permission, (typeof unscoped)[number]>;

/** What the scopes of a key may name. */
export const scopes: readonly Scope[] = permissions.filter((one): one is Scope => !neverScoped.has(one));

/** Who asks: a person by what they are in the account, or a key by its role and, if it has them, its scopes. */
export type Holder =
  | { readonly kind: 'member'; readonly role: MemberRole }
  | {
      readonly kind: 'key';
      readonly role: ApiRole;
      /** Null: all that its role holds. */
      readonly scopes: readonly Permission[] | null;
    };

/** Whether somebody holds a permission. */
export function mayDo(holder: Holder, permission: Permission): boolean {
  const roles: readonly MemberRole[] = rolesOf[permission];
  if (holder.kind === 'member') return roles.includes(holder.role);
  const ofRole = holder.role === 'administrator' || roles.length > 0;
  if (holder.scopes === null) return ofRole;
  return ofRole && holder.scopes.includes(permission) && !neverScoped.has(permission);
}

/** All that somebody holds, in the order of the alphabet. */
export function permissionsOf(holder: Holder): readonly Permission[] {
  return permissions.filter((permission) => mayDo(holder, permission));
}

/** Whether somebody runs the installation, and so is not bound to the account of their key. */
export function isAdministrator(holder: Holder): boolean {
  return holder.kind === 'key' && holder.role === 'administrator' && holder.scopes === null;
}
