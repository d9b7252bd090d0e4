/** One page of a list, and where the next one begins; null on the last. */
export interface Page<Row> {
  readonly shown: readonly Row[];
  readonly next_cursor: string | null;
}

/**
 * Reads one page. `read` is asked for one row more than is shown: it tells whether there is a next page. The cursor is
 * the id of the last row that is shown.
 */
export async function pageOf<Row extends object>(
  limit: number,
  read: (limit: number) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): Promise<Page<Row>> {
  const rows = await read(limit + 1);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { shown, next_cursor: last === undefined ? null : idOf(last) };
}

/** The cursor of most rows. */
export const byId = ({ id }: { readonly id: string }): string => id;
