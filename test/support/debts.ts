import { randomUUID } from 'node:crypto';
import { type Db, inAccount } from '../../db/client.ts';
import { sql } from 'kysely';
import type { MadeBatch, World } from './world.ts';

export const peso = 1_000_000n;

export interface NewDebt {
  /** In whole units of the currency. */
  readonly amount: number;
  readonly currency?: string;
  readonly dueDate?: string | null;
  readonly reference?: string | null;
  readonly creditor?: string;
}

/** Debts of one contact, as an import would have loaded them. Returns their ids in order. */
export async function addDebts(
  world: World,
  accountId: string,
  contact: MadeBatch['contacts'][number],
  debts: readonly NewDebt[],
): Promise<readonly string[]> {
  return inAccount(world.app, accountId, async (trx) => {
    const ids: string[] = [];
    for (const debt of debts) {
      const creditorId = await creditor(trx, accountId, debt.creditor ?? 'Banco Inventado');
      const { id } = await trx
        .insertInto('core.debt')
        .values({
          account_id: accountId,
          person_id: contact.personId,
          contact_id: contact.contactId,
          creditor_id: creditorId,
          amount_micros: BigInt(debt.amount) * peso,
          currency: debt.currency ?? 'CLP',
          due_date: debt.dueDate === undefined ? '2027-02-20' : debt.dueDate,
          reference: debt.reference === undefined ? randomUUID().slice(0, 8) : debt.reference,
          sheet_row: null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      ids.push(id);
    }
    return ids;
  });
}

async function creditor(trx: Db, accountId: string, name: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    with made as (
      insert into catalogue.creditor (account_id, name) values (${accountId}, ${name})
      on conflict (account_id, lower(name)) do nothing returning id)
    select id from made union all
    select id from catalogue.creditor where account_id = ${accountId} and lower(name) = lower(${name})`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no creditor');
  return row.id;
}

/** Gives a person a national id, as a file with a RUT column would have. */
export async function nameRut(world: World, personId: string, rut: string): Promise<void> {
  await world.owner
    .updateTable('core.person')
    .set({ identity_key: rut, national_id: rut })
    .where('id', '=', personId)
    .execute();
}
