import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createDatabase } from '../../../db/client.ts';
import { createAccount } from '../../../domain/accounts/accounts.ts';
import { registerCatalogue } from '../../../domain/accounts/queries-catalogue.ts';
import { ensurePool } from '../../../domain/lines/queries-pools.ts';
import type { VoiceRecord } from '../../../audit/record.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { rate } from './ends.ts';
import { Attempts } from './attempts.ts';
import { monday } from './rows.ts';
import { writeMessage } from './messages.ts';

/** A database as a correct system would leave it, made row by row: no code of the product decides what is in it. */
export interface AuditWorld {
  readonly url: string;
  readonly client: pg.Client;
  /** What the provider would answer about its calls. */
  readonly record: VoiceRecord;
  readonly ids: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function createAuditWorld(): Promise<AuditWorld> {
  const database = await createTestDatabase();
  const accountId = await prepare(database.url, 'customer');
  const rehearsalId = await prepare(database.url, 'rehearsal');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const rows = new Attempts(client, accountId);
  rows.poolId = await poolOf(client, 'customer');
  const ids = await fill(rows);
  const rehearsed = new Attempts(client, rehearsalId, true);
  rehearsed.poolId = await poolOf(client, 'rehearsal');
  await rehearse(rehearsed);
  return {
    url: database.url,
    client,
    record: { posts: rows.posts, calls: rows.calls },
    ids: { ...ids, account: accountId, pool: rows.poolId },
    async close() {
      await client.end();
      await database.drop();
    },
  };
}

async function poolOf(client: pg.Client, kind: Kind): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select id from catalogue.pool where key = $1', [
    `audit-${kind}`,
  ]);
  return rows[0]?.id ?? '';
}

type Kind = 'customer' | 'rehearsal';

async function prepare(url: string, kind: Kind): Promise<string> {
  const owner = createDatabase({ url, maxConnections: 2 });
  try {
    await registerCatalogue(owner);
    const poolId = await ensurePool(owner, {
      key: `audit-${kind}`,
      simulated: true,
      rehearsal: kind === 'rehearsal',
      fromNumber: '+566001234567',
      agentId: 'agent_test',
      capacity: 2,
      callsPerSecond: 1,
    });
    return await createAccount(owner, {
      slug: `audit-${randomUUID().slice(0, 8)}`,
      name: 'Cuenta de prueba',
      kind,
      country: 'CL',
      zone: 'America/Santiago',
      debtCurrency: 'CLP',
      plan: 'credit_based',
      rateMicrosPerMinute: BigInt(rate),
      maxLines: 2,
      poolId,
      packs: [
        { key: 'cl-collection-waves', signedOffBy: 'Prueba' },
        { key: 'demo', signedOffBy: null },
      ],
    });
  } finally {
    await owner.destroy();
  }
}

/** A Sunday at three in the morning, in a rehearsal: nobody's business. */
async function rehearse(rows: Attempts): Promise<void> {
  await rows.topUp(100_000_000);
  const batch = await rows.batch('cl-collection-waves', 'collection-waves', 'finished');
  const contact = await rows.contact(batch, 'expired', '2026-03-15T06:10:00Z');
  await rows.attempt(contact, { at: '2026-03-15T06:05:00Z', line: 1, end: 'no_answer' });
}

async function fill(rows: Attempts): Promise<Record<string, string>> {
  await rows.topUp(100_000_000);
  const batch = await rows.batch('cl-collection-waves', 'collection-waves', 'finished');
  const promised = await rows.contact(batch, 'promise', `${monday}T15:08:00Z`);
  const first = await rows.attempt(promised, { at: `${monday}T12:05:00Z`, line: 1, end: 'no_answer' });
  const promise = await rows.attempt(promised, { at: `${monday}T15:05:00Z`, line: 1, end: 'promise' });
  const excluded = await rows.contact(batch, 'excluded', '2026-03-11T12:10:00Z');
  const beside = await rows.attempt(excluded, { at: `${monday}T12:05:10Z`, line: 2, end: 'no_answer' });
  const silent = await rows.attempt(excluded, { at: '2026-03-10T12:05:00Z', line: 1, end: 'voicemail' });
  await rows.attempt(excluded, { at: '2026-03-11T12:05:00Z', line: 1, end: 'no_answer' });
  const cancelled = await rows.contact(batch, 'cancelled', '2026-03-12T20:00:00Z');
  const rejected = await rows.attempt(cancelled, { at: '2026-03-10T15:05:00Z', line: 1, end: 'rejected' });
  const absent = await rows.attempt(cancelled, { at: '2026-03-10T18:05:00Z', line: 1, end: 'absent' });
  const missed = await rows.turn(cancelled, '2026-03-11T15:00:00Z', 'missed', 'no_line');
  const paused = await rows.turn(cancelled, '2026-03-11T18:00:00Z', 'withdrawn');
  await rows.audit('contact.pause_requested', cancelled.id, '2026-03-11T18:10:00Z');
  const working = await rows.batch('demo', 'demo', 'running');
  const calling = await rows.contact(working, null, null);
  const running = await rows.attempt(calling, { at: new Date().toISOString(), line: 1, end: 'running' });
  const told = await writeMessage(rows, excluded, '2026-03-11T12:06:00Z');
  return {
    ...told,
    batch: batch.id,
    promised: promised.id,
    excluded: excluded.id,
    cancelled: cancelled.id,
    calling: calling.id,
    first,
    promise,
    beside,
    silent,
    rejected,
    absent,
    missed,
    paused,
    running,
  };
}
