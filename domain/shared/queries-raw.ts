import type { Trx } from '../../db/client.ts';

export interface RawEvent {
  readonly accountId: string;
  readonly provider: 'whatsapp' | 'mercadopago';
  /** The same event again is the same row. */
  readonly dedupeKey: string;
  readonly event: string;
  /** The provider's own id of what it is about. */
  readonly subject: string;
  readonly body: unknown;
}

/** Stores a provider's word as it came. False when it is there already. */
export async function storeRaw(trx: Trx, event: RawEvent): Promise<boolean> {
  const stored = await trx
    .insertInto('operation.provider_event')
    .values({
      account_id: event.accountId,
      provider: event.provider,
      dedupe_key: event.dedupeKey,
      event: event.event,
      provider_call_id: event.subject,
      body: storable(event.body),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'provider', 'dedupe_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return stored !== undefined;
}

const nul = /\0/g;

/** jsonb takes neither NUL nor half a surrogate pair. */
function storable(body: unknown): string {
  const clean = JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'string' ? value.toWellFormed().replace(nul, '') : value,
  );
  return typeof body === 'object' && body !== null ? clean : JSON.stringify({ value: clean });
}
