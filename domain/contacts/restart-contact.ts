import { databaseNow, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { lockRun, raiseRun } from './queries-runs.ts';
import { supersedeTurns } from './supersede-turns.ts';

export interface LostRun {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  /** The run whose workflow is gone. */
  readonly run: number;
}

/** A contact that is lost again and again waits for a person: a fault that ends it at once would else begin it anew for ever. */
const mostRuns = 20;

export interface Restarted {
  readonly run: number;
  /** Somebody was spoken with, or may be now: the new run waits, paused, until a person decides. */
  readonly paused: boolean;
}

/**
 * A contact whose workflow is gone although its row is open (terminated, reset, lost) begins anew in a further run: the ids of
 * the old one's requests are used, and with them it would wait for lines that nobody will grant. What it had in the queue is
 * withdrawn, each request with its reason. Undefined: the row has closed, or has another run already. Whoever calls starts the
 * new run, or writes it into the outbox.
 */
export async function restartContact(
  trx: Trx,
  lost: LostRun,
  why: { readonly actor: string; readonly reason: string },
): Promise<Restarted | undefined> {
  const { accountId, contactId } = lost;
  const row = await lockRun(trx, contactId);
  if (row === undefined || row.state === 'closed' || row.run !== lost.run) return undefined;
  const at = await databaseNow(trx);
  const { batchId } = lost;
  const rule = 'the workflow was lost, and begins anew';
  await supersedeTurns(trx, { accountId, batchId, contactId }, { rule, at, keepId: null });
  const run = row.run + 1;
  const paused = row.spoken || row.state === 'paused' || run > mostRuns;
  await raiseRun(trx, contactId, {
    run,
    state: paused ? 'paused' : 'waiting',
    waitingFor: paused ? 'En pausa' : 'Se prepara',
  });
  await writeAudit(trx, {
    accountId,
    actor: why.actor,
    action: 'contact.retried',
    subject: contactId,
    detail: { run, reason: why.reason, spoken: row.spoken },
  });
  return { run, paused };
}
