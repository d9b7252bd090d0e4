import { type RawBuilder, sql } from 'kysely';
import type { Schema } from './schema/schema.ts';

/** The rows of a list that stand behind one of them. */
export interface Behind<Table extends keyof Schema> {
  readonly table: Table;
  /** The table's name in the query. Default: its own. */
  readonly as?: string;
  /** What the list is ordered by, in its order. Together they name one row; all go up, or all go down. */
  readonly by: readonly (keyof Schema[Table] & string)[];
  readonly order: 'asc' | 'desc';
  /** The id of the last row of the page before. */
  readonly after: string;
}

/**
 * A condition for the rows behind one; of none when that row is gone, or of another account. Compared in the database:
 * JavaScript's clock has no microseconds, and would skip rows. An index that begins with the account and has these columns
 * serves it.
 */
export function isBehind<Table extends keyof Schema>({
  table,
  as = table,
  by,
  order,
  after,
}: Behind<Table>): RawBuilder<boolean> {
  const columns = by.map((column) => sql.ref(`${as}.${column}`));
  const values = by.map((column) =>
    column === 'id'
      ? sql`${after}::uuid`
      : sql`(select ${sql.ref(column)} from ${sql.table(table)} where id = ${after}::uuid)`,
  );
  return sql<boolean>`(${sql.join(columns)}) ${sql.raw(order === 'asc' ? '>' : '<')} (${sql.join(values)})`;
}
