import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  type Holder,
  isAdministrator,
  mayDo,
  memberRoles,
  permissions,
  permissionsOf,
  rolesOf,
  scopes,
} from '../../../domain/accounts/rules/permissions.ts';

const key = (role: 'account' | 'administrator', scoped: typeof scopes | null) =>
  ({ kind: 'key', role, scopes: scoped }) as const;
const administratorsOnly = ['balance:write', 'holidays:write', 'rule_packs:write'];

describe('the table of permissions', () => {
  it('is what the document says, row by row', () => {
    const page = readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8');
    const rows = page
      .slice(page.indexOf('## Permissions'))
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter(([, name = '']) => name.startsWith('`'))
      .map(([, name = '', ...cells]) => [name.replaceAll('`', ''), cells.slice(0, memberRoles.length)]);
    const told = permissions.map((permission) => [
      permission,
      memberRoles.map((role) => (mayDo({ kind: 'member', role }, permission) ? 'x' : '')),
    ]);
    expect(rows).toEqual(told);
  });

  it('gives the owner all that any other role has, and nobody what is the installation’s', () => {
    const owner = permissionsOf({ kind: 'member', role: 'owner' });
    expect(owner).toEqual(permissions.filter((one) => !administratorsOnly.includes(one)));
    for (const one of administratorsOnly) expect(rolesOf, one).toHaveProperty(one, []);
  });

  it('lets an auditor and a viewer change nothing, and an agent nothing of files, batches and settings', () => {
    for (const role of ['auditor', 'viewer'] as const) {
      expect(permissionsOf({ kind: 'member', role }).filter((one) => one.endsWith(':write'))).toEqual([]);
    }
    const agent = permissionsOf({ kind: 'member', role: 'agent' }).filter((one) => one.endsWith(':write'));
    expect(agent).toEqual(['contacts:write', 'tasks:write']);
  });

  it('shows a viewer nobody’s name and no word of a call', () => {
    const viewer = permissionsOf({ kind: 'member', role: 'viewer' });
    expect(viewer).toEqual([
      'batches:read',
      'contacts:read',
      'events:read',
      'holidays:read',
      'negotiations:read',
      'self:read',
    ]);
  });
});

describe('a key', () => {
  it('holds of its scopes what its role holds, and never what makes keys or members', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('account', 'administrator' as const),
        fc.subarray([...permissions]),
        (role, scoped) => {
          const holder: Holder = { kind: 'key', role, scopes: scoped };
          const all: Holder = { kind: 'key', role, scopes: null };
          for (const permission of permissions) {
            const expected =
              scoped.includes(permission) && mayDo(all, permission) && !/^(keys|members):/.test(permission);
            expect(mayDo(holder, permission)).toBe(expected);
          }
        },
      ),
    );
  });

  it('of an account holds all but what is the installation’s; an administrator’s holds all', () => {
    expect(permissionsOf(key('account', null))).toEqual(permissionsOf({ kind: 'member', role: 'owner' }));
    expect(permissionsOf(key('administrator', null))).toEqual(permissions);
  });

  it('is bound to its account unless it is an administrator’s without scopes', () => {
    expect(isAdministrator(key('administrator', null))).toBe(true);
    expect(isAdministrator(key('administrator', scopes))).toBe(false);
    expect(isAdministrator(key('account', null))).toBe(false);
    expect(isAdministrator({ kind: 'member', role: 'owner' })).toBe(false);
  });
});
