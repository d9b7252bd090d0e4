import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface ChannelRow {
  readonly kind: ChannelKind;
  /** As it was stored: whoever reads it takes what it knows. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Purpose → name of a secret of the account. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Stores how an account uses a channel, in the place of what was stored before. */
export async function upsertChannel(trx: Trx, accountId: string, config: ChannelRow): Promise<void> {
  const row = { settings: JSON.stringify(config.settings), secrets: JSON.stringify(config.secrets) };
  await trx
    .insertInto('catalogue.channel')
    .values({ account_id: accountId, kind: config.kind, ...row })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'kind']).doUpdateSet({
        ...row,
        changed_at: sql<Date>`clock_timestamp()`,
        disabled_at: null,
      }),
    )
    .execute();
}

/** The channels in use of the transaction's account, by kind. */
export async function readChannels(trx: Trx): Promise<readonly ChannelRow[]> {
  return trx
    .selectFrom('catalogue.channel')
    .select(['kind', 'settings', 'secrets'])
    .where('disabled_at', 'is', null)
    .orderBy('kind')
    .execute();
}

export type ChannelKind = 'whatsapp' | 'mercadopago';
