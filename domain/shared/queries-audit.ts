import type { Trx } from '../../db/client.ts';

export async function writeAudit(
  trx: Trx,
  input: {
    readonly accountId: string;
    readonly actor: string;
    readonly action: string;
    readonly subject: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await trx
    .insertInto('operation.audit')
    .values({
      account_id: input.accountId,
      actor: input.actor,
      action: input.action,
      subject: input.subject,
      detail: JSON.stringify(input.detail ?? {}),
    })
    .execute();
}
