import { sql } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditInTransaction, runAudit } from '../../../audit/run.ts';
import { inAccount } from '../../../db/client.ts';
import { sealHead } from '../../../domain/shared/queries-audit-seal.ts';
import { writeAudit } from '../../../domain/shared/queries-audit.ts';
import { logHeads, sealRound } from '../../../relay/audit-sealer.ts';
import { createWorld, newAccount, type World } from '../../support/world.ts';

let world: World;
let accountId: string;
beforeAll(async () => {
  world = await createWorld();
  ({ accountId } = world);
  await write(accountId, 4);
  await seal();
});
afterAll(() => world.close());

const seal = (scope: 'recent' | 'all' = 'recent') => sealRound(world.app, world.system, scope);
const write = (to: string, times: number) =>
  inAccount(world.app, to, async (trx) => {
    for (let at = 0; at < times; at += 1)
      await writeAudit(trx, {
        accountId: to,
        actor: 'ana',
        action: 'test',
        subject: `s${at}`,
        detail: { at },
      });
  });
const seals = async (of: string = accountId) =>
  world.owner
    .selectFrom('operation.audit_seal')
    .select(['no', 'audit_id', 'hash'])
    .where('account_id', '=', of)
    .orderBy('no')
    .execute();

/** What the audit says of the chain after a statement of the database's owner, which is undone. */
async function after(...statements: readonly string[]): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: world.url });
  await client.connect();
  try {
    await client.query('begin');
    for (const text of statements) await client.query(text);
    const report = await auditInTransaction(client, undefined);
    return report.invariants
      .filter(({ name }) => name.startsWith('audit_'))
      .flatMap(({ breaches }) => breaches.map(({ detail }) => detail.replaceAll(/\d+/g, 'N')));
  } finally {
    await client.query('rollback');
    await client.end();
  }
}

describe('the sealer', () => {
  it('seals every row once, in order, and goes on behind the last', async () => {
    const { rows } = await sql<{ id: bigint }>`
      select id from operation.audit where account_id = ${accountId} order by id`.execute(world.owner);
    expect((await seals()).map(({ audit_id }) => audit_id)).toEqual(rows.map(({ id }) => id));
    await write(accountId, 2);
    await Promise.all([seal(), seal(), seal()]);
    const all = await seals();
    expect(all.map(({ no }) => Number(no))).toEqual(all.map((_, index) => index + 1));
    expect(all).toHaveLength(rows.length + 2);
  });

  it('seals a row that a long transaction brings behind others', async () => {
    await inAccount(world.app, accountId, async (trx) => {
      await writeAudit(trx, { accountId, actor: 'late', action: 'test', subject: 'late' });
      await write(accountId, 1);
      await seal();
    });
    await sql`update operation.audit set at = at - interval '11 minutes' where actor = 'late'`.execute(
      world.owner,
    );
    const before = (await seals()).length;
    await seal();
    expect((await seals()).length).toBe(before);
    await seal('all');
    expect((await seals()).length).toBe(before + 1);
  });

  it('leaves rehearsals alone, and tells the heads of the others to the log', async () => {
    const rehearsal = await newAccount(world.app, world.poolId, 0n);
    await sql`update catalogue.account set kind = 'rehearsal' where id = ${rehearsal}`.execute(world.owner);
    await write(rehearsal, 1);
    await seal('all');
    expect(await seals(rehearsal)).toEqual([]);
    const said: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => said.push(line) });
    await logHeads({ app: world.app, system: world.system, logger });
    const head = await inAccount(world.app, accountId, sealHead);
    expect(said.join('')).toContain(head?.hash.toString('hex'));
  });
});

describe('the audit', () => {
  it('finds the chain closed, and tells its head', async () => {
    expect(await after()).toEqual([]);
    const report = await runAudit({ databaseUrl: world.url, looks: 1 });
    const head = (await seals()).at(-1);
    expect(report.heads).toContainEqual({
      account: accountId,
      no: String(head?.no),
      hash: head?.hash.toString('hex'),
    });
  });

  const third = '(select audit_id from operation.audit_seal where no = 3)';
  it.each([
    [
      'who did it was changed',
      ["update operation.audit set actor = 'eva' where id = $3"],
      'la fila N o su lugar cambió',
    ],
    [
      'when was changed',
      ["update operation.audit set at = at + interval '1 microsecond' where id = $3"],
      'la fila N o su lugar cambió',
    ],
    [
      'to what was changed',
      ["update operation.audit set subject = 'otro' where id = $3"],
      'la fila N o su lugar cambió',
    ],
    [
      'the detail was changed',
      [`update operation.audit set detail = '{"at": 9}' where id = $3`],
      'el detalle de la fila N cambió',
    ],
    [
      'the salt was changed',
      ["update operation.audit set salt = 'x' where id = $3"],
      'el detalle de la fila N cambió',
    ],
    [
      'the detail was taken out by a hand',
      ["update operation.audit set detail = '{}', salt = null where id = $3"],
      'la fila N perdió su detalle y nadie fue eliminado',
    ],
    [
      'a detail was put where one was erased',
      [`update operation.audit set detail = '{"at": 9}', salt = null where id = $3`],
      'la fila N tiene un detalle sin sal',
    ],
    ['the row was deleted', ['delete from operation.audit where id = $3'], 'la fila N ya no está'],
    [
      'the row was deleted with its seal',
      ['delete from operation.audit where id = $3', 'delete from operation.audit_seal where no = 3'],
      'falta el eslabón anterior',
    ],
    [
      'its seal was written anew',
      ["update operation.audit_seal set hash = sha256('x') where no = 3"],
      'la fila N o su lugar cambió',
    ],
  ])('finds that %s', async (_, statements, finding) => {
    const found = await after(...statements.map((text) => text.replaceAll('$3', third)));
    expect(found).toContain(finding);
  });

  it('finds that two rows changed places', async () => {
    const found = await after(
      `create temporary table pair on commit drop as
         select min(audit_id) as a, max(audit_id) as b from operation.audit_seal where no in (3, 4)`,
      'alter table operation.audit drop constraint audit_pkey1',
      'alter table operation.audit alter column id drop identity',
      `update operation.audit set id = case id when (select a from pair) then (select b from pair) else (select a from pair) end
        where id in (select a from pair union select b from pair)`,
    );
    expect(found).toEqual(['el detalle de la fila N cambió', 'el detalle de la fila N cambió']);
  });

  it('finds that two seals changed places', async () => {
    const found = await after(
      'alter table operation.audit_seal drop constraint audit_seal_pkey',
      'update operation.audit_seal set no = 7 - no where no in (3, 4)',
    );
    expect(found).toContain('la fila N o su lugar cambió');
  });

  it('finds a row that the chain went past', async () => {
    expect(
      await after(
        `delete from operation.audit_seal where no = (select max(no) from operation.audit_seal)`,
        `update operation.audit a set at = now() - interval '3 hours'
          where account_id = '${accountId}' and not exists (select from operation.audit_seal s where s.audit_id = a.id)`,
      ),
    ).toContain('sin sello');
  });
});
