import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** What a secret is for. One of a channel or of inbound webhooks is never presented to an address that the account typed. */
export type SecretPurpose = 'channel' | 'tool' | 'inbound_webhook';

export interface SecretRow {
  readonly sealed: string;
  readonly purpose: SecretPurpose;
  /** Origin of the MCP server that a tool's secret is presented to; null: none has named it. */
  readonly bound_to: string | null;
}

/** Stores a sealed secret under a name of the account; the older one is gone. For the same purpose it stays with its host. */
export async function putSecret(
  trx: Trx,
  secret: {
    readonly accountId: string;
    readonly name: string;
    readonly sealed: string;
    readonly purpose: SecretPurpose;
  },
): Promise<void> {
  const { accountId, name, sealed, purpose } = secret;
  await trx
    .insertInto('catalogue.secret')
    .values({ account_id: accountId, name, sealed, purpose })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'name']).doUpdateSet({
        sealed,
        purpose,
        bound_to: sql`case when catalogue.secret.purpose = excluded.purpose then catalogue.secret.bound_to end`,
        changed_at: sql<Date>`clock_timestamp()`,
      }),
    )
    .execute();
}

export async function findSecret(trx: Trx, accountId: string, name: string): Promise<SecretRow | undefined> {
  return trx
    .selectFrom('catalogue.secret')
    .select(['sealed', 'purpose', 'bound_to'])
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** A tool's secret for one host from now on; false when it is none, or another host's. */
export async function bindSecret(
  trx: Trx,
  accountId: string,
  name: string,
  origin: string,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.secret')
    .set({ bound_to: origin })
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .where('purpose', '=', 'tool')
    .where((eb) => eb.or([eb('bound_to', 'is', null), eb('bound_to', '=', origin)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Names, purposes and when they changed: nobody is shown a secret. */
export async function listSecrets(trx: Trx) {
  return trx
    .selectFrom('catalogue.secret')
    .select(['name', 'purpose', 'bound_to', 'changed_at'])
    .orderBy('name')
    .limit(500)
    .execute();
}
