import { randomUUID } from 'node:crypto';
import { type End, endOf, holdState, rate, recordedEnd, storedEnd, talkSeconds, type Told } from './ends.ts';
import { type Contact, Rows } from './rows.ts';

const worstCase = 420_000;
const minuteMs = 60_000;

/** Attempts with all that belongs to one, here and at the provider. */
export class Attempts extends Rows {
  readonly posts: unknown[] = [];
  readonly calls: unknown[] = [];
  #fence = 0;

  async attempt(
    contact: Contact,
    { at, line, end }: { readonly at: string; readonly line: number; readonly end: End },
  ): Promise<string> {
    const id = randomUUID();
    const atMs = Date.parse(at);
    const seconds = talkSeconds[end];
    const endedAt = end === 'running' ? null : new Date(atMs + 20_000 + seconds * 1_000);
    const charged = Math.ceil((seconds * rate) / 60);
    const request_id = await this.turn(contact, at, 'granted');
    const hold_id = await this.#hold(request_id, end, { charged, endedAt });
    this.#fence += 1;
    const { batch, personId } = contact;
    await this.insert('core.line_lease', {
      id,
      pool_id: this.poolId,
      line_no: line,
      fence: this.#fence,
      request_id,
      contact_id: contact.id,
      hold_id,
      attempt_id: id,
      granted_at: new Date(atMs - 1_000),
      expires_at: new Date(atMs + 13 * minuteMs),
      released_at: endedAt === null ? null : new Date(endedAt.getTime() + 500),
      release_reason: endedAt === null ? null : 'call_ended',
    });
    if (end !== 'rejected') contact.attempts += 1;
    await this.insert('operation.attempt', {
      id,
      batch_id: batch.id,
      contact_id: contact.id,
      person_id: personId,
      phone_id: contact.phoneId,
      lease_id: id,
      request_id,
      wave_key: at.slice(0, 13),
      number: Math.max(1, contact.attempts),
      rescheduled: false,
      zone: 'America/Santiago',
      local_day: new Date(atMs - 180 * minuteMs).toISOString().slice(0, 10),
      attempted_at: at,
      dial_deadline_at: new Date(atMs + 10_000),
      absent_after_at: new Date(atMs + 11 * minuteMs),
    });
    await this.#count(contact);
    await this.#call(contact, { id, end, atMs, endedAt, seconds, charged });
    return id;
  }

  async #hold(
    request_id: string,
    end: End,
    { charged, endedAt }: { readonly charged: number; readonly endedAt: Date | null },
  ): Promise<string> {
    const id = randomUUID();
    const state = holdState[end];
    await this.insert('core.ledger_hold', {
      id,
      request_id,
      unit: 'USD',
      rate_micros_per_minute: rate,
      plan: 'credit_based',
      amount_micros: worstCase,
      posted_micros: state === 'posted' ? charged : null,
      state,
      resolved_at: endedAt,
    });
    await this.move('hold', id, { available: -worstCase, held: worstCase });
    if (state === 'pending') return id;
    const taken = state === 'posted' ? charged : 0;
    const kind = ({ posted: 'post', voided: 'void', expired: 'expire' } as const)[state];
    await this.move(kind, id, { available: worstCase - taken, consumed: taken, held: -worstCase });
    return id;
  }

  async #count(contact: Contact): Promise<void> {
    await this.client.query('update core.contact set attempts = $1 where id = $2', [
      contact.attempts,
      contact.id,
    ]);
  }

  async #call(
    contact: Contact,
    made: {
      readonly id: string;
      readonly end: End;
      readonly atMs: number;
      readonly endedAt: Date | null;
      readonly seconds: number;
      readonly charged: number;
    },
  ): Promise<void> {
    const { id, end, atMs, endedAt, seconds, charged } = made;
    const isPlaced = end !== 'rejected' && end !== 'absent';
    const callId = isPlaced ? `call_${id}` : null;
    const told = endedAt !== null && isPlaced ? { ...endOf[end], endedAt, seconds } : null;
    const isTalk = seconds > 0;
    const startedAt = isTalk ? new Date(atMs + 20_000) : null;
    const analysed = told === null ? null : new Date(told.endedAt.getTime() + 3_000);
    await this.insert('operation.call', {
      attempt_id: id,
      contact_id: contact.id,
      pool_id: this.poolId,
      provider_call_id: callId,
      state: isPlaced ? (told === null ? 'placed' : 'ended') : end,
      check_at: end === 'running' ? new Date(atMs + 30_000) : null,
      ...(told === null ? {} : storedEnd(told, callId ?? '', { startedAt, analysed, charged })),
    });
    const steps = isPlaced ? ['placed', ...(told === null ? [] : ['ended', 'analysed'])] : [end];
    for (const kind of steps) await this.insert('operation.attempt_event', { attempt_id: id, kind });
    if (told !== null && !this.rehearsed) {
      await this.insert('operation.outbox', {
        contact_id: contact.id,
        signal: 'callEnded',
        payload: JSON.stringify({ attemptId: id }),
        created_at: told.endedAt,
        delivered_at: new Date(told.endedAt.getTime() + 100),
      });
    }
    if (!this.rehearsed) this.#remember(contact, { id, end, atMs, callId, told, startedAt });
  }

  /** The provider's side of it. Of an absent attempt it knows nothing, of a rejected one the POST alone. */
  #remember(
    contact: Contact,
    of: {
      readonly id: string;
      readonly end: End;
      readonly atMs: number;
      readonly callId: string | null;
      readonly told: Told | null;
      readonly startedAt: Date | null;
    },
  ): void {
    const { id, end, atMs, callId, told, startedAt } = of;
    if (end === 'absent') return;
    const isPlaced = callId !== null;
    const ours = { attemptId: id, accountId: this.accountId };
    const seq = this.posts.length + 1;
    this.posts.push({ seq, arrivedAtMs: atMs + 200, ...ours, toNumber: contact.e164, placed: isPlaced });
    if (!isPlaced) return;
    this.calls.push({
      callId,
      postSeq: seq,
      ...ours,
      placedAtMs: atMs + 200,
      final: told !== null,
      call: {
        call_id: callId,
        to_number: contact.e164,
        ...(told === null ? {} : recordedEnd(told, callId, startedAt)),
      },
    });
  }
}
