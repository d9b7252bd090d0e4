import type { Trx } from '../../db/client.ts';
import type { AttemptEvent, CallSet, LockedCall } from './queries.ts';
import type { SpokenTurn } from './voice-port.ts';

/** What is kept of a call beside its row. */
export interface Said {
  /** To be fetched before its link ends. */
  readonly recording?: { readonly providerCallId: string; readonly url: string };
  readonly turns?: readonly SpokenTurn[];
}

function turnRow(accountId: string, attemptId: string, turn: SpokenTurn, n: number) {
  const { role, text, startMs: start_ms = null, endMs: end_ms = null } = turn;
  return { account_id: accountId, attempt_id: attemptId, n, role, text, start_ms, end_ms };
}

/** Changes a call's row, which the caller has locked, and records what happened to its attempt and was said in it. */
export async function changeCall(
  trx: Trx,
  { account_id, attempt_id }: Pick<LockedCall, 'account_id' | 'attempt_id'>,
  set: CallSet,
  events: readonly AttemptEvent[] = [],
  said: Said = {},
): Promise<void> {
  const rows = events.map(({ kind, detail = {} }) => ({
    account_id,
    attempt_id,
    kind,
    detail: JSON.stringify(detail),
  }));
  // One statement, whatever there is to be written.
  const { recording, turns = [] } = said;
  const withEvents =
    rows.length === 0
      ? trx
      : trx.with('written', (db) => db.insertInto('operation.attempt_event').values(rows));
  const withTurns =
    turns.length === 0
      ? withEvents
      : withEvents.with('said', (db) =>
          db
            .insertInto('operation.call_turn')
            .values(turns.map((turn, place) => turnRow(account_id, attempt_id, turn, place + 1)))
            .onConflict((conflict) => conflict.doNothing()),
        );
  const writing =
    recording === undefined
      ? withTurns
      : withTurns.with('expected', (db) =>
          db
            .insertInto('core.stored_object')
            .values({
              account_id,
              attempt_id,
              kind: 'recording',
              provider_call_id: recording.providerCallId,
              source_url: recording.url,
              key: `recordings/${account_id}/${attempt_id}`,
            })
            .onConflict((conflict) => conflict.doNothing()),
        );
  await writing.updateTable('operation.call').set(set).where('attempt_id', '=', attempt_id).execute();
}
