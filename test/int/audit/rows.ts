import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';

const minuteMs = 60_000;

/** Monday 9 March 2026 in Santiago (three hours behind UTC): no holiday near, and the clock changes in April. */
export const monday = '2026-03-09';

export interface Batch {
  readonly id: string;
}
export interface Contact {
  readonly id: string;
  readonly personId: string;
  readonly phoneId: string;
  readonly e164: string;
  readonly batch: Batch;
  requests: number;
  attempts: number;
}
/** Writes rows as the product would have: one account and one pool, by SQL alone. */
export class Rows {
  poolId = '';
  readonly client: pg.Client;
  readonly accountId: string;
  /** Of a rehearsal's account: no provider knows of its calls, and nobody is told. */
  readonly rehearsed: boolean;
  #people = 0;

  constructor(client: pg.Client, accountId: string, rehearsed = false) {
    this.client = client;
    this.accountId = accountId;
    this.rehearsed = rehearsed;
  }

  async insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
    const all: Record<string, unknown> = { account_id: this.accountId, ...row };
    const columns = Object.keys(all);
    const places = columns.map((_, index) => `$${index + 1}`);
    await this.client.query(
      `insert into ${table} (${columns.join()}) values (${places.join()})`,
      Object.values(all),
    );
  }

  async move(
    kind: string,
    reference: string,
    amounts: Readonly<Partial<Record<'funding' | 'available' | 'held' | 'consumed', number>>>,
  ): Promise<void> {
    const columns = Object.fromEntries(
      Object.entries(amounts).map(([name, amount]) => [`${name}_micros`, amount]),
    );
    await this.insert('core.ledger_transaction', { unit: 'USD', kind, reference, ...columns });
    const [funding, available, held, consumed] = (['funding', 'available', 'held', 'consumed'] as const).map(
      (name) => amounts[name] ?? 0,
    );
    await this.client.query(
      `update core.ledger_account
          set funding_micros = funding_micros + $2, available_micros = available_micros + $3,
              held_micros = held_micros + $4, consumed_micros = consumed_micros + $5
        where account_id = $1`,
      [this.accountId, funding, available, held, consumed],
    );
  }

  topUp(amount: number): Promise<void> {
    return this.move('top_up', 'first', { available: amount, funding: -amount });
  }

  async batch(pack: string, policy: string, state: string): Promise<Batch> {
    const id = randomUUID();
    await this.insert('core.batch', {
      id,
      slug: `b-${id.slice(0, 8)}`,
      name: 'Prueba',
      use_case: 'debt_collection',
      policy_key: policy,
      policy_version: 1,
      pack_key: pack,
      pack_version: findPack(pack)?.version ?? 0,
      pool_id: this.poolId,
      state,
      group_size: 60,
      zone: 'America/Santiago',
      finished_at: state === 'finished' ? new Date('2026-03-13T12:00:00Z') : null,
    });
    return { id };
  }

  async contact(batch: Batch, outcome: string | null, closedAt: string | null): Promise<Contact> {
    const [id, personId, phoneId] = [randomUUID(), randomUUID(), randomUUID()];
    this.#people += 1;
    const e164 = `+56961${String(this.#people).padStart(6, '0')}`;
    const zone = 'America/Santiago';
    await this.insert('core.person', {
      id: personId,
      identity_key: id,
      name: 'Persona',
      country: 'CL',
      zone,
    });
    await this.insert('core.phone', { id: phoneId, person_id: personId, e164, position: 0 });
    await this.insert('core.contact', {
      id,
      batch_id: batch.id,
      person_id: personId,
      ordinal: this.#people,
      state: closedAt === null ? 'calling' : 'closed',
      outcome,
      closed_at: closedAt,
      opened_at: closedAt === null ? new Date(Date.now() - minuteMs) : new Date(`${monday}T09:00:00Z`),
    });
    if (closedAt !== null) await this.audit('contact.closed', id, closedAt);
    return { id, personId, phoneId, e164, batch, requests: 0, attempts: 0 };
  }

  audit(action: string, subject: string, at: string): Promise<void> {
    return this.insert('operation.audit', { actor: 'test', action, subject, at });
  }

  /** A place in the queue; with a reason, also the refusal that ended it. */
  async turn(contact: Contact, at: string, state: string, reason?: string): Promise<string> {
    contact.requests += 1;
    const id = `${contact.id}:1:${contact.requests}`;
    const atMs = Date.parse(at);
    await this.insert('core.line_request', {
      id,
      pool_id: this.poolId,
      batch_id: contact.batch.id,
      contact_id: contact.id,
      wave_key: at.slice(0, 13),
      priority: 1,
      eligible_at: new Date(atMs - 5 * minuteMs),
      deadline_at: new Date(atMs + 85 * minuteMs),
      created_at: new Date(atMs - (state === 'granted' ? 2_000 : 10 * minuteMs)),
      state,
    });
    if (reason === undefined) return id;
    const { batch } = contact;
    await this.insert('operation.refusal', {
      batch_id: batch.id,
      contact_id: contact.id,
      request_id: id,
      wave_key: at.slice(0, 13),
      reason,
      rule: 'the slot ended before a line was free',
      at: new Date(atMs + 86 * minuteMs),
    });
    return id;
  }
}
