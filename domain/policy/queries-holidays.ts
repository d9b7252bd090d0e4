import type { Db, Trx } from '../../db/client.ts';

export interface StoredHoliday {
  readonly id: string;
  /** Null: everybody's. */
  readonly account_id: string | null;
  readonly country: string;
  readonly region: string | null;
  readonly day: string;
  readonly every_year: boolean;
  readonly name: string;
  readonly kind: 'closed' | 'open';
  readonly source: string;
  readonly created_by: string;
  readonly created_at: Date;
}

/** Corrections of the holiday calendar that are in force: everybody's, and the transaction's account's own. */
export async function readHolidays(db: Db, country?: string): Promise<readonly StoredHoliday[]> {
  let query = db
    .selectFrom('catalogue.holiday')
    .select([
      'id',
      'account_id',
      'country',
      'region',
      'day',
      'every_year',
      'name',
      'kind',
      'source',
      'created_by',
      'created_at',
    ])
    .where('removed_at', 'is', null)
    .orderBy('country')
    .orderBy('day')
    .orderBy('region')
    .orderBy('id');
  if (country !== undefined) query = query.where('country', '=', country);
  return query.execute();
}

export interface NewHoliday {
  readonly accountId: string | null;
  readonly country: string;
  readonly region: string | null;
  readonly day: string;
  readonly everyYear: boolean;
  readonly name: string;
  readonly kind: 'closed' | 'open';
  readonly source: string;
  readonly by: string;
}

export async function insertHoliday(trx: Trx, one: NewHoliday): Promise<string> {
  const { id } = await trx
    .insertInto('catalogue.holiday')
    .values({
      account_id: one.accountId,
      country: one.country,
      region: one.region,
      day: one.day,
      every_year: one.everyYear,
      name: one.name,
      kind: one.kind,
      source: one.source,
      created_by: one.by,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The row stays, and who removed it. False when there is none in force that the transaction may change. */
export async function removeHoliday(
  trx: Trx,
  id: string,
  accountId: string | null,
  by: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.holiday')
    .set({ removed_by: by, removed_at: new Date() })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .where('account_id', 'is not distinct from', accountId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
