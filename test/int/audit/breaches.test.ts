import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invariants } from '../../../audit/invariants/all.ts';
import { auditInTransaction } from '../../../audit/run.ts';
import type { AuditReport } from '../../../audit/types.ts';
import { plantsOfActions } from './plants-actions.ts';
import { plantsOfChain } from './plants-chain.ts';
import { plantsOfLaw } from './plants-law.ts';
import { plantsOfMoney } from './plants-money.ts';
import { orderPlants } from './plants-orders.ts';
import { plantsOfNegotiation } from './plants-negotiation.ts';
import { plantsOfSums } from './plants-sums.ts';
import { type Plant, plants } from './plants.ts';
import { type AuditWorld, createAuditWorld } from './world.ts';

let world: AuditWorld;

beforeAll(async () => {
  world = await createAuditWorld();
});

afterAll(() => world.close());

const all: readonly Plant[] = [
  ...plants,
  ...plantsOfLaw,
  ...plantsOfMoney,
  ...orderPlants,
  ...plantsOfActions,
  ...plantsOfNegotiation,
  ...plantsOfChain,
  ...plantsOfSums,
];

/** The audit of a world in which that happened; afterwards the world is as it was. */
async function auditAfter({ sql, record, withoutRecord }: Plant): Promise<AuditReport> {
  const { client, ids } = world;
  await client.query('begin');
  try {
    // The database's own guards are off: what they forbid today a bug or a hand may write tomorrow.
    await client.query('set local session_replication_role = replica');
    if (sql !== undefined) await client.query(named(sql, ids));
    const told = record === undefined ? world.record : record(world.record, ids);
    return await auditInTransaction(
      client,
      withoutRecord === true ? undefined : { before: told, after: told },
    );
  } finally {
    await client.query('rollback');
  }
}

function named(sql: string, ids: Readonly<Record<string, string>>): string {
  return sql.replaceAll(/(?<!:):([a-z]+)\b/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`the world has no "${name}"`);
    return `'${id}'`;
  });
}

function broken(report: AuditReport): readonly string[] {
  return report.invariants.filter((one) => one.breachCount > 0).map((one) => one.name);
}

describe('the audit finds, and under its own name only,', () => {
  it.each(all)('$what ($finds)', async (plant) => {
    const report = await auditAfter(plant);
    expect(broken(report)).toEqual([plant.finds]);
    expect(report.clean).toBe(false);
  });
});

it('a world without a planted breach is clean, with and without the record of the provider', async () => {
  for (const withoutRecord of [{}, { withoutRecord: true }] as const) {
    const report = await auditAfter({ finds: '', what: '', ...withoutRecord });
    expect(broken(report)).toEqual([]);
    expect(report.clean).toBe(true);
  }
});

it('every invariant has a breach that proves that it can fail', () => {
  const proven = new Set(all.map((plant) => plant.finds));
  // An empty database proves this one, in audit.test.ts.
  proven.add('something_happened');
  expect(invariants.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
});

it('a retry by hand explains attempts after a close', async () => {
  const report = await auditAfter({
    finds: '',
    what: '',
    sql: `update operation.audit set at = '2026-03-09T14:00:00Z' where subject = :promised;
          insert into operation.audit (account_id, at, actor, action, subject)
          values (:account, '2026-03-09T14:30:00Z', 'test', 'contact.retried', :promised)`,
  });
  expect(broken(report)).toEqual([]);
});

const removed = (at: string): string => `
  update core.contact set outcome = 'do_not_call' where id = :promised;
  insert into operation.audit (account_id, at, actor, action, subject, detail)
  select account_id, ${at}, 'file', 'person.stopped', person_id::text, '{"reason": "do_not_call"}'
    from core.contact where id = :promised`;

it('a contact that a removal file closed is closed as earned, and not by a removal of another time', async () => {
  const report = await auditAfter({ finds: '', what: '', sql: removed("closed_at - interval '1 second'") });
  expect(broken(report)).not.toContain('closed_as_earned');
  const later = await auditAfter({ finds: '', what: '', sql: removed("closed_at + interval '1 hour'") });
  expect(broken(later)).toContain('closed_as_earned');
});

it("an operator's wish waives no days of silence", async () => {
  const report = await auditAfter({
    finds: '',
    what: '',
    sql: `update operation.call set human = true where attempt_id = :first;
          update operation.attempt set rescheduled = true where id = :promise;
          insert into operation.audit (account_id, at, actor, action, subject)
          values (:account, '2026-03-09T12:30:00Z', 'test', 'contact.reschedule_requested', :promised);
          insert into operation.reschedule_request (account_id, contact_id, source, requested_by, wish, result, slot_key,
                                                    agreed_at, at)
          select account_id, contact_id, 'api', 'operator', '{}', 'agreed', wave_key, attempted_at,
                 '2026-03-09T12:30:00Z'
            from operation.attempt where id = :promise`,
  });
  expect(broken(report)).toEqual(['cool_down']);
});

it('a call that the person asked for is allowed in the days of silence', async () => {
  const report = await auditAfter({
    finds: '',
    what: '',
    sql: `update operation.call set human = true where attempt_id = :first;
          update operation.attempt set rescheduled = true where id = :promise;
          insert into operation.audit (account_id, at, actor, action, subject)
          values (:account, '2026-03-09T12:30:00Z', 'test', 'contact.reschedule_requested', :promised)`,
  });
  expect(broken(report)).toEqual([]);
});
