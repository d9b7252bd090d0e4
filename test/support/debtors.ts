import { DateTime } from 'luxon';
import { pino } from 'pino';
import { inAccount } from '../../db/client.ts';
import { sayAmount } from '../../domain/contacts/rules/spoken.ts';
import { recordPayment } from '../../domain/payments/payments.ts';
import { relayOnce } from '../../relay/outbox-relay.ts';
import { nameRut } from './debts.ts';
import { createBatch, type MadeBatch, type NewBatch, newAccount, usd, type World } from './world.ts';

/** A debtor of an account of their own: early in arrears, 100,000 pesos due on the first of March 2027. */
export interface Debtor {
  readonly accountId: string;
  readonly batch: MadeBatch;
  readonly contactId: string;
  readonly personId: string;
}

export interface DebtorTerms {
  readonly creditMicros?: bigint;
  readonly policy?: NewBatch['policy'];
  readonly phones?: readonly string[];
  /** Default: the first of March 2027. */
  readonly dueDate?: string;
  /** Whole pesos. Default: 100,000. */
  readonly pesos?: number;
  /** Default: none; they are who they say they are. */
  readonly rut?: string;
}

export async function createDebtor(world: World, terms: DebtorTerms = {}): Promise<Debtor> {
  const { creditMicros = 100n * usd, policy, phones, dueDate = '2027-03-01', pesos = 100_000 } = terms;
  const accountId = await newAccount(world.app, world.poolId, creditMicros);
  const debts = [{ pesos, dueDate }];
  const batch = await createBatch(world, {
    accountId,
    people: [{ debts, ...(phones === undefined ? {} : { phones }) }],
    negotiation: 'collection-standard',
    ...(policy === undefined ? {} : { policy }),
  });
  const [made] = batch.contacts;
  if (made === undefined) throw new Error('the batch has no contact');
  if (terms.rut !== undefined) await nameRut(world, made.personId, terms.rut);
  return { accountId, batch, contactId: made.contactId, personId: made.personId };
}

/** The variables that a file gives, and every text that nobody may hear before the person has said who they are. */
export async function confide(world: World, debtor: Debtor, pesos = 100_000): Promise<readonly string[]> {
  const { creditor, dueDate } = await inAccount(world.app, debtor.accountId, (trx) =>
    trx
      .selectFrom('core.debt as d')
      .innerJoin('catalogue.creditor as c', 'c.id', 'd.creditor_id')
      .select(['c.name as creditor', 'd.due_date as dueDate'])
      .where('d.contact_id', '=', debtor.contactId)
      .executeTakeFirstOrThrow(),
  );
  const secret = {
    rut: '11222333-9',
    empresa: creditor,
    monto_total: String(pesos),
    fecha_limite: dueDate ?? '',
    numero_referencia: 'R-77-ensayo',
  };
  await world.owner
    .updateTable('core.contact')
    .set({ variables: JSON.stringify({ nombre: 'Persona Inventada', cuotas_adeudadas: '1', ...secret }) })
    .where('id', '=', debtor.contactId)
    .execute();
  return [...Object.values(secret), sayAmount(BigInt(pesos) * pesoMicros, 'CLP').es];
}

const pesoMicros = 1_000_000n;

/** Money comes in, as an outside system reports it. */
export async function pay(world: World, debtor: Debtor, pesos: bigint, at: Date): Promise<void> {
  await inAccount(world.app, debtor.accountId, (trx) =>
    recordPayment(trx, {
      accountId: debtor.accountId,
      personId: debtor.personId,
      externalId: `test-${at.getTime()}`,
      source: 'api',
      kind: 'payment',
      amountMicros: pesos * pesoMicros,
      currency: 'CLP',
      paidAt: at,
      reference: null,
    }),
  );
}

/** Sends everything that is due in the outbox; returns how many rows that was. */
export async function relayAll(world: World): Promise<number> {
  const { app, system, taskQueue } = world;
  const logger = pino({ level: 'silent' });
  return relayOnce({ app, system, taskQueue, client: world.temporal.client, logger });
}

/** 'yyyy-MM-dd HH:mm' on the wall in Santiago. */
export function localTime(atMs: number): string {
  return DateTime.fromMillis(atMs, { zone: 'America/Santiago' }).toFormat('yyyy-MM-dd HH:mm');
}

/** What became of an account's turns: 'reason (wave)', in their order. */
export async function refusalsOf(world: World, accountId: string): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx.selectFrom('operation.refusal').select(['reason', 'wave_key']).orderBy('id').execute(),
  );
  return rows.map((row) => `${row.reason} (${row.wave_key})`);
}

export interface Held {
  readonly leases: number;
  readonly heldMicros: bigint;
}

/** What an account still holds: lines and money. */
export async function heldBy(world: World, accountId: string): Promise<Held> {
  return inAccount(world.app, accountId, async (trx) => {
    const leases = await trx
      .selectFrom('core.line_lease')
      .select('id')
      .where('released_at', 'is', null)
      .execute();
    const held = await trx.selectFrom('core.ledger_account').select('held_micros').executeTakeFirst();
    return { leases: leases.length, heldMicros: held?.held_micros ?? 0n };
  });
}

/** Of one account, in their order: 'kind state'. */
export async function tasksOf(world: World, accountId: string): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx.selectFrom('operation.task').select(['kind', 'state']).orderBy('opened_at').execute(),
  );
  return rows.map(({ kind, state }) => `${kind} ${state}`);
}

/** Of one account, in their order: 'kind state (source)'. */
export async function agreementsOf(world: World, accountId: string): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx
      .selectFrom('core.agreement')
      .select(['kind', 'state', 'source'])
      .orderBy('made_at')
      .orderBy('id')
      .execute(),
  );
  return rows.map(({ kind, state, source }) => `${kind} ${state} (${source})`);
}

/** Messages of one account, in their order: 'number local-time instalment'. */
export async function messagesOf(world: World, accountId: string): Promise<readonly string[]> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx
      .selectFrom('operation.message as m')
      .innerJoin('core.phone as p', 'p.id', 'm.phone_id')
      .select(['p.e164', 'm.at', 'm.instalment_no'])
      .orderBy('m.at')
      .execute(),
  );
  return rows.map((row) => `${row.e164} ${localTime(row.at.getTime())} ${row.instalment_no}`);
}

/** Whole pesos that one account's debtors still owe. */
export async function owedTo(world: World, accountId: string): Promise<bigint> {
  const rows = await inAccount(world.app, accountId, (trx) =>
    trx.selectFrom('core.current_debt').select('balance_micros').execute(),
  );
  return rows.reduce((sum, row) => sum + row.balance_micros, 0n) / pesoMicros;
}
