import type pg from 'pg';

export interface TableShape {
  /** With its schema. */
  readonly name: string;
  /** Those that are stored; what PostgreSQL computes is computed again. */
  readonly columns: readonly string[];
}

export interface Reference {
  readonly table: string;
  readonly constraint: string;
  readonly refers: string;
}

export interface LoadOrder {
  readonly tables: readonly TableShape[];
  /** Of tables that refer to each other in a ring (a hold is for a message, a message is about an attempt): to be looked at last. */
  readonly deferred: readonly Reference[];
}

/**
 * Every table of ours, each after those that it refers to, so that the rows can be loaded with all constraints on.
 * Partitions are their parent's rows.
 */
export async function tablesInOrder(client: pg.ClientBase): Promise<LoadOrder> {
  const { rows: tables } = await client.query<{ name: string; columns: string[] }>(`
    select n.nspname || '.' || c.relname as name,
           array_agg(a.attname::text order by a.attnum) as columns
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where n.nspname in ('catalogue', 'core', 'operation', 'identity') and c.relkind in ('r', 'p') and not c.relispartition
       -- What opens something now: a copy must not, and whoever is restored signs in again.
       and (n.nspname <> 'identity' or c.relname in ('user', 'account', 'twoFactor'))
     group by 1 order by 1`);
  const { rows: references } = await client.query<Reference>(`
    select n.nspname || '.' || c.relname as table, k.conname as constraint, m.nspname || '.' || f.relname as refers
      from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class f on f.oid = k.confrelid join pg_namespace m on m.oid = f.relnamespace
     where k.contype = 'f' and k.conrelid <> k.confrelid and k.conparentid = 0`);
  const left = new Map(tables.map((table) => [table.name, table]));
  const waitsFor = (name: string): readonly Reference[] =>
    references.filter(({ table, refers }) => table === name && left.has(refers));
  const ordered: TableShape[] = [];
  const deferred: Reference[] = [];
  while (left.size > 0) {
    const [next] = [...left.values()].toSorted((a, b) => waitsFor(a.name).length - waitsFor(b.name).length);
    if (next === undefined) break;
    deferred.push(...waitsFor(next.name));
    left.delete(next.name);
    ordered.push(next);
  }
  return { tables: ordered, deferred };
}

export const quoted = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
