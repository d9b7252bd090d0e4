import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { erasedColumns } from './rules/erased-columns.ts';
import type { Gone, Rows, TableVerdict } from './rules/erased-verdict.ts';
import { erasedWord, without } from './rules/traces.ts';

/** All that is one person's, in the account and in what its rehearsals copied. */
export interface OfPerson {
  readonly people: readonly string[];
  readonly contacts: readonly string[];
  readonly attempts: readonly string[];
  readonly messages: readonly string[];
  readonly agreements: readonly string[];
  /** Ids of all that an audit row or an event may be about. */
  readonly subjects: readonly string[];
  /** As the voice and message providers call them. */
  readonly providers: readonly string[];
  readonly keys: readonly string[];
  readonly nationalId: string | null;
  readonly pattern: string | undefined;
}

/** What a value becomes. `row`: the table's own name for its columns. */
const values: Readonly<Record<Gone, (column: string) => RawBuilder<unknown>>> = {
  null: () => sql`null`,
  empty: () => sql`''`,
  object: () => sql`'{}'::jsonb`,
  list: () => sql`'[]'::jsonb`,
  texts: () => sql`'{}'::text[]`,
  own_id: () => sql`'erased:' || id`,
  of_person: () => sql`'erased:' || coalesce(person_id::text, gen_random_uuid()::text)`,
  number: () => sql`'erased:' || id || ':' || right(e164, 2)`,
  not_of_call: (column) =>
    sql`case when provider = 'retell' then ${sql.ref(column)} else 'erased:' || id end`,
  random: () => sql`'erased:' || gen_random_uuid()`,
  words: () => sql`'Datos eliminados'`,
  only_reason: (column) => onlyKey(column, 'reason'),
  only_fault: (column) => onlyKey(column, 'fault'),
  only_channel: (column) => onlyKey(column, 'channel'),
};

function onlyKey(column: string, key: string): RawBuilder<unknown> {
  const kept = sql`${sql.ref(column)} -> ${key}::text`;
  // A provider's own sentence may name whom it was about: a code is short and has no space.
  return sql`case when ${kept} #>> '{}' ~ '^[a-z0-9_.:-]{1,60}$' then jsonb_build_object(${key}::text, ${kept}) else '{}'::jsonb end`;
}

function rowsOf(rows: Rows, of: OfPerson): RawBuilder<unknown> {
  const uuids = (ids: readonly string[]) => sql`any(${ids}::uuid[])`;
  switch (rows) {
    case 'own':
      return sql`id = ${uuids(of.people)}`;
    case 'person':
      return sql`person_id = ${uuids(of.people)}`;
    case 'contact':
      return sql`contact_id = ${uuids(of.contacts)}`;
    case 'own_contact':
      return sql`id = ${uuids(of.contacts)}`;
    case 'attempt':
      return sql`attempt_id = ${uuids(of.attempts)}`;
    case 'message':
      return sql`message_id = ${uuids(of.messages)}`;
    case 'agreement':
      return sql`agreement_id = ${uuids(of.agreements)}`;
    case 'subject':
      return sql`subject = any(${of.subjects}::text[])`;
    case 'event':
      return sql`event_id in (select id from operation.event where subject = any(${of.subjects}::text[]))`;
    case 'provider':
      return sql`provider_call_id = any(${of.providers}::text[])`;
    case 'request':
      return sql`(person_id = ${uuids(of.people)} or national_id = ${of.nationalId})`;
    case 'import_row':
      return sql`identity_key = any(${of.keys}::text[])`;
    case 'import_place':
      return sql`(import_id, sheet, sheet_row) in (
        select import_id, sheet, sheet_row from core.import_row where identity_key = any(${of.keys}::text[]))`;
    case 'delivered':
      return sql`contact_id = ${uuids(of.contacts)} and (delivered_at is not null or dead_at is not null)`;
    default: {
      const unreachable: never = rows;
      throw new Error(`no such rows: ${String(unreachable)}`);
    }
  }
}

/** Rows that are not searched: events of calls are found by the call, and are the bulk; a request under way has no answer yet. */
const notSearched: Readonly<Record<string, RawBuilder<unknown>>> = {
  'operation.provider_event': sql`provider <> 'retell'`,
  'operation.idempotency_key': sql`status is not null`,
};

function found(columns: readonly string[], of: OfPerson, table: string): RawBuilder<unknown> {
  const ids = of.subjects.map((id) => id.replaceAll(/[^0-9a-f-]/gi, '')).join('|');
  const looked = sql.join(
    columns.map((column) => sql`coalesce(${sql.ref(column)}::text, '')`),
    sql` || ' ' || `,
  );
  // An answer that names a contact shows its person.
  const isAnswer = table === 'operation.idempotency_key' || table === 'operation.mcp_request';
  const pattern = [of.pattern, isAnswer ? ids : undefined].filter((one) => one !== undefined).join('|');
  if (pattern === '') return sql`false`;
  const bounds = notSearched[table] ?? sql`true`;
  return sql`(${bounds} and (${looked}) ~* ${pattern})`;
}

/**
 * Changes every row that the table of verdicts names. What is found by the person's own key or through the rows of an import comes
 * before these go.
 */
export async function eraseRows(trx: Trx, of: OfPerson): Promise<void> {
  const last = ['core.import_row', 'core.phone', 'core.person'];
  const others = erasedColumns.filter(({ table }) => !last.includes(table));
  await eraseListed(trx, of);
  await eraseRemarks(trx, of);
  for (const verdict of others) await eraseTable(trx, verdict, of);
  for (const name of last)
    for (const verdict of erasedColumns.filter(({ table }) => table === name))
      await eraseTable(trx, verdict, of);
}

/** Set beside the texts of a row. */
const besides: Readonly<Record<string, RawBuilder<unknown>>> = {
  'core.person': sql`do_not_call_at = coalesce(do_not_call_at, clock_timestamp()), erased_at = clock_timestamp(),
                     stop_reason = case when stopped_at is null then null else 'removed' end`,
  'core.phone': sql`invalid_at = coalesce(invalid_at, clock_timestamp())`,
  'core.person_address': sql`closed_at = coalesce(closed_at, clock_timestamp())`,
  'core.payment_link': sql`expires_at = least(expires_at, clock_timestamp())`,
  'operation.audit': sql`salt = null`,
};

async function eraseTable(trx: Trx, verdict: TableVerdict, of: OfPerson): Promise<void> {
  const { table, rows, searched, gone = {}, parts = [], uniqueParts = [] } = verdict;
  // Keys of the list are not one person's by a column: `eraseListed`.
  if (table === 'core.do_not_contact') return;
  const columns = Object.keys(gone);
  const cut = [...parts, ...uniqueParts];
  if (cut.length > 0) await cutParts(trx, verdict, cut, of);
  if (columns.length === 0) return;
  const set = Object.entries(gone).map(([column, how]) => sql`${sql.id(column)} = ${values[how](column)}`);
  const beside = besides[table];
  const which = [
    ...(rows === undefined ? [] : [rowsOf(rows, of)]),
    ...(searched === true ? [found([...columns, ...cut], of, table)] : []),
  ];
  await sql`
    update ${sql.table(table)} set ${sql.join([...set, ...(beside === undefined ? [] : [beside])])}
     where ${sql.join(which, sql` or `)}`.execute(trx);
}

/** Texts in one statement; JSON row by row, because what is cut out of its text would not always leave JSON. */
async function cutParts(
  trx: Trx,
  { table, rows, uniqueParts = [] }: TableVerdict,
  columns: readonly string[],
  of: OfPerson,
): Promise<void> {
  const { pattern } = of;
  if (pattern === undefined) return;
  const { rows: types } = await sql<{ name: string }>`
    select attname as name from pg_attribute
     where attrelid = ${table}::regclass and atttypid = 'jsonb'::regtype`.execute(trx);
  const json = columns.filter((column) => types.some(({ name }) => name === column));
  const texts = columns.filter((column) => !json.includes(column));
  const which = (some: readonly string[]) =>
    rows === undefined
      ? found(some, of, table)
      : sql`(${rowsOf(rows, of)}) and ${found(some, { ...of, subjects: [] }, table)}`;
  if (texts.length > 0) {
    const set = texts.map((column) => {
      const word = uniqueParts.includes(column)
        ? sql`'[eliminado-' || gen_random_uuid() || ']'`
        : sql`${erasedWord}::text`;
      return sql`${sql.id(column)} = regexp_replace(${sql.id(column)}, ${pattern}, ${word}, 'gi')`;
    });
    await sql`update ${sql.table(table)} set ${sql.join(set)} where ${which(texts)}`.execute(trx);
  }
  if (json.length === 0) return;
  const { rows: all } = await sql<Readonly<Record<string, unknown>>>`
    select ctid::text as place, ${sql.join(json.map((column) => sql.id(column)))}
      from ${sql.table(table)} where ${which(json)} for no key update`.execute(trx);
  for (const row of all) {
    const { place, ...held } = row;
    const set = json.map((column) => {
      const clean = without(held[column] ?? null, pattern);
      return sql`${sql.id(column)} = ${clean === null ? null : JSON.stringify(clean)}::jsonb`;
    });
    await sql`update ${sql.table(table)} set ${sql.join(set)} where ctid = ${place}::tid`.execute(trx);
  }
}

/** The list of those not to be contacted: the entry stays, and says no more of whom it is. */
async function eraseListed(trx: Trx, of: OfPerson): Promise<void> {
  await sql`
    update core.do_not_contact x set key = 'erased:' || s.id
      from core.person s
     where s.id = any(${of.people}::uuid[]) and x.account_id = s.account_id and x.key = s.identity_key`.execute(
    trx,
  );
  await sql`
    update core.do_not_contact x
       set key = split_part(x.key, ':', 1) || ':erased:' || f.id || ':' || right(f.e164, 2)
      from core.phone f
     where f.person_id = any(${of.people}::uuid[]) and x.account_id = f.account_id
       and x.key in ('tel:' || f.e164, 'whatsapp:' || f.e164)`.execute(trx);
}

/** What an import says of the person's rows shows their cells, which need not be spelled as the person's own. */
async function eraseRemarks(trx: Trx, of: OfPerson): Promise<void> {
  await sql`
    update core.import i
       set problems = (
         select coalesce(jsonb_agg(p.value order by p.ordinality), '[]')
           from jsonb_array_elements(i.problems) with ordinality p
          where not exists (
            select from core.import_row r
             where r.import_id = i.id and r.identity_key = any(${of.keys}::text[])
               and r.sheet = p.value ->> 'sheet' and r.sheet_row::text = p.value ->> 'row'))
     where i.id in (select import_id from core.import_row where identity_key = any(${of.keys}::text[]))
       and i.problems <> '[]'`.execute(trx);
}
