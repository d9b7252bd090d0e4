import pg from 'pg';
import { quoted } from '../backup/catalog.ts';

export interface RetainOptions {
  /** As a user who sees all rows and owns the tables. */
  readonly databaseUrl: string;
  readonly now: Date;
  readonly dryRun: boolean;
}

export interface Removed {
  /** A table, or a month of one. */
  readonly what: string;
  readonly es: string;
  readonly en: string;
  readonly rows: number;
}

/** Two years: the least that any pack of ours asks for; an account without a pack has not said less. */
const leastDays = 731;
/** Nobody repeats a request, or looks for a sent signal, after a month. */
const shortDays = 30;
/** One slice is one transaction: a delete of a million rows would hold its locks and its WAL for minutes. */
const sliceRows = 5_000;

/**
 * What may go, by what the packs of each account ask to be kept. Never what happened (attempts and their events, refusals,
 * calls, messages, payments, agreements, the audit trail) nor the ledger: the law and the books want those for longer
 * than any period here, and the audit compares with them.
 */
const rules: readonly {
  readonly table: string;
  readonly es: string;
  readonly en: string;
  readonly where: string;
}[] = [
  {
    table: 'operation.provider_event',
    es: 'avisos del proveedor tal como llegaron, con lo que se habló',
    en: "the provider's webhooks as they came, with what was said",
    where: `received_at < $1::timestamptz - (
      select greatest(${leastDays}, coalesce(max((v.definition ->> 'retentionDaysMin')::int), 0)) * interval '1 day'
        from catalogue.account_rule_pack p join catalogue.rule_pack_version v on v.key = p.pack_key
       where p.account_id = x.account_id)`,
  },
  {
    table: 'operation.idempotency_key',
    es: 'solicitudes que ya nadie repite, con su respuesta',
    en: 'requests that nobody repeats any more, with their answer',
    where: `created_at < $1::timestamptz - interval '${shortDays} days'`,
  },
  {
    table: 'operation.outbox',
    es: 'avisos internos entregados, salvo el término de cada llamada',
    en: 'signals that were delivered, except the end of each call',
    where: `delivered_at < $1::timestamptz - interval '${shortDays} days' and signal is distinct from 'callEnded'`,
  },
];

/** Tables by month whose old months are dropped whole. */
const droppable = ['link_click'];

/** Removes what may be removed, and makes the months to come. A dry run only counts. */
export async function retain({ databaseUrl, now, dryRun }: RetainOptions): Promise<readonly Removed[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // An error instead of fewer rows.
    await client.query('set row_security = off');
    if (!dryRun) await client.query(`select operation.ensure_partitions(now()::date, 4)`);
    const removed: Removed[] = [];
    for (const { table, es, en, where } of rules) {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from ${quoted(table)} x where ${where}`,
        [now],
      );
      removed.push({ what: table, es, en, rows: rows[0]?.n ?? 0 });
      if (!dryRun) await deleteSlices(client, table, where, now);
    }
    for (const table of droppable) removed.push(...(await dropMonths(client, table, now, dryRun)));
    return removed;
  } finally {
    await client.end();
  }
}

async function deleteSlices(client: pg.Client, table: string, where: string, now: Date): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(
      `delete from ${quoted(table)} where ctid = any (array(
         select x.ctid from ${quoted(table)} x where ${where} limit ${sliceRows}))`,
      [now],
    );
    if ((rowCount ?? 0) < sliceRows) return;
  }
}

/** A month goes when its last instant is older than what any account's packs ask for. */
async function dropMonths(
  client: pg.Client,
  table: string,
  now: Date,
  dryRun: boolean,
): Promise<readonly Removed[]> {
  const { rows: months } = await client.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass and c.relname ~ '_\\d{4}_\\d{2}$'
        and to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' < $2::timestamptz - (
          select greatest(${leastDays}, coalesce(max((v.definition ->> 'retentionDaysMin')::int), 0)) * interval '1 day'
            from catalogue.account_rule_pack p join catalogue.rule_pack_version v on v.key = p.pack_key)
      order by 1`,
    [`operation.${table}`, now],
  );
  const removed: Removed[] = [];
  for (const { name } of months) {
    const what = `operation.${name}`;
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${quoted(what)}`);
    removed.push({ what, es: 'un mes completo', en: 'a whole month', rows: rows[0]?.n ?? 0 });
    if (!dryRun) await client.query(`drop table ${quoted(what)}`);
  }
  return removed;
}
