import { createHash } from 'node:crypto';
import { type Database, inAccount } from '../../db/client.ts';
import {
  insertSeals,
  type NewSeal,
  sealHead,
  type SealHead,
  type SealScope,
  takeSealing,
  type UnsealedRow,
  unsealedRows,
} from './queries-audit-seal.ts';

const rowsAtOnce = 5_000;

/**
 * Seals what an account's audit rows say and have no seal for, one transaction: each seal is a hash of the one before it, of the
 * row, and of the digest of its detail. True: there may be more. Another worker that seals the same account is left alone.
 */
export async function sealAccount(app: Database, accountId: string, scope: SealScope): Promise<boolean> {
  return inAccount(app, accountId, async (trx) => {
    if (!(await takeSealing(trx))) return false;
    const rows = await unsealedRows(trx, scope, rowsAtOnce);
    if (rows.length === 0) return false;
    await insertSeals(trx, chained(await sealHead(trx), rows));
    return rows.length === rowsAtOnce;
  });
}

/** Public for its test: the same rows behind the same head are the same links. */
export function chained(head: SealHead | undefined, rows: readonly UnsealedRow[]): readonly NewSeal[] {
  let { no, hash } = head ?? { no: 0n, hash: Buffer.alloc(0) };
  return rows.map((row) => {
    no += 1n;
    hash = createHash('sha256').update(hash).update(row.said).update(row.digest).digest();
    return { row, no, hash };
  });
}
