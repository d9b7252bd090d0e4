import type { Trx } from '../../db/client.ts';

export interface AuditQuery {
  readonly subject: string | undefined;
  readonly action: string | undefined;
  readonly actor: string | undefined;
  /** The id of the last row of the page before. */
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Audit rows of the account, the newest first, each with its place in the chain. */
export async function listAudit(trx: Trx, { subject, action, actor, after, limit }: AuditQuery) {
  let rows = trx
    .selectFrom('operation.audit as a')
    .leftJoin('operation.audit_seal as s', (join) =>
      join.onRef('s.account_id', '=', 'a.account_id').onRef('s.audit_id', '=', 'a.id'),
    )
    .select(['a.id', 'a.at', 'a.actor', 'a.action', 'a.subject', 'a.detail', 'a.salt', 's.no', 's.hash']);
  if (subject !== undefined) rows = rows.where('a.subject', '=', subject);
  if (action !== undefined) rows = rows.where('a.action', '=', action);
  if (actor !== undefined) rows = rows.where('a.actor', '=', actor);
  if (after !== undefined) rows = rows.where('a.id', '<', after);
  return rows.orderBy('a.id', 'desc').limit(limit).execute();
}
