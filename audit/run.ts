import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { invariants } from './invariants/all.ts';
import { openLiveViews } from './live.ts';
import { loadVoiceRecord, readVoiceRecord, type VoiceRecord } from './record.ts';
import { openEyes } from './seen.ts';
import {
  AuditError,
  type AuditHead,
  type AuditReport,
  type Breach,
  type Invariant,
  type InvariantReport,
  type VoiceRecordSource,
} from './types.ts';

export interface AuditInput {
  readonly databaseUrl: string;
  /** The provider's own record. Without it, what only the record can prove is reported as not compared. */
  readonly voice?: VoiceRecordSource;
  /** Looks again this often when all that is wrong may be news that is still under way. Default 5. */
  readonly looks?: number;
}

const pauseMs = 2_000;
const samples = 20;

/**
 * Looks at the whole database and answers what it found. Reads only: everything that it makes is temporary and rolled
 * back. Throws `AuditError` when it cannot see.
 */
export async function runAudit({ databaseUrl, voice, looks = 5 }: AuditInput): Promise<AuditReport> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // A connection that breaks while it is idle must not take the process down with it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    for (let left = looks - 1; ; left -= 1) {
      const report = await look(client, voice);
      if (left <= 0 || report.clean || !mayStillSettle(report)) return report;
      await sleep(pauseMs);
    }
  } catch (error) {
    if (error instanceof AuditError) throw error;
    const why = error instanceof Error ? error.message || error.name : 'error desconocido';
    throw new AuditError(`La base de datos no se pudo auditar: ${why}.`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function look(client: pg.Client, voice: VoiceRecordSource | undefined): Promise<AuditReport> {
  const before = voice === undefined ? undefined : await readVoiceRecord(voice);
  await client.query('begin isolation level repeatable read');
  try {
    // The first query takes the snapshot that all others share.
    await client.query('select 1');
    const after = voice === undefined || before === undefined ? undefined : await readVoiceRecord(voice);
    return await auditInTransaction(
      client,
      before === undefined ? undefined : { before, after: after ?? before },
    );
  } finally {
    await client.query('rollback');
  }
}

/** Audits what the client's open transaction sees, and leaves the transaction as it was. */
export async function auditInTransaction(
  client: pg.ClientBase,
  record: { readonly before: VoiceRecord; readonly after: VoiceRecord } | undefined,
): Promise<AuditReport> {
  await client.query('savepoint audit');
  try {
    await client.query("set local time zone 'UTC'");
    const accounts = await openEyes(client);
    await openLiveViews(client);
    if (record !== undefined) await loadVoiceRecord(client, record.before, record.after);
    const reports: InvariantReport[] = [];
    for (const invariant of invariants) reports.push(await check(client, invariant, record !== undefined));
    const heads = await readHeads(client);
    return {
      clean: reports.every((report) => report.breachCount === 0),
      invariants: reports,
      accounts,
      heads,
    };
  } finally {
    await client.query('rollback to savepoint audit');
  }
}

async function readHeads(client: pg.ClientBase): Promise<readonly AuditHead[]> {
  const { rows } = await client.query<AuditHead>(`
    select distinct on (s.account_id) s.account_id::text as account, s.no::text, encode(s.hash, 'hex') as hash
      from seen_audit_seal s order by s.account_id, s.no desc`);
  return rows.map(({ account, no, hash }) => ({ account, no, hash }));
}

async function check(
  client: pg.ClientBase,
  { name, es, en, sql, needsRecord }: Invariant,
  hasRecord: boolean,
): Promise<InvariantReport> {
  const words = { name, statement_es: es, statement_en: en };
  if (needsRecord === true && !hasRecord) {
    return { ...words, checked: 0, breachCount: 0, breaches: [], compared: false };
  }
  const { rows } = await client.query<{
    checked: number;
    breach_count: number;
    breaches: readonly Breach[];
  }>(`
    with looked_at as materialized (${sql})
    select count(*)::int as checked, count(breach)::int as breach_count,
           (select coalesce(json_agg(json_build_object('subject', subject, 'detail', breach)), '[]')
              from (select subject, breach from looked_at where breach is not null
                     order by subject, breach limit ${samples}) first) as breaches
      from looked_at`);
  const row = rows[0];
  if (row === undefined) throw new AuditError(`${name}: la consulta no respondió.`);
  return {
    ...words,
    checked: row.checked,
    breachCount: row.breach_count,
    breaches: row.breaches,
    compared: true,
  };
}

function mayStillSettle(report: AuditReport): boolean {
  const settling = new Set(invariants.flatMap(({ name, settles }) => (settles === true ? [name] : [])));
  return report.invariants.every(({ name, breachCount }) => breachCount === 0 || settling.has(name));
}
