import type { Database } from '../../db/client.ts';
import type { CallRemover } from '../calls/voice-port.ts';
import { askAgain, type DueRemoval, markGone } from './queries.ts';
import { retryMs } from './rules/retry.ts';

export interface RemovalDeps {
  readonly system: Database;
  readonly voice: CallRemover;
}

/** Asks the provider to take a call away, until it does not know it any more. True: it is gone. */
export async function removeAtProvider({ system, voice }: RemovalDeps, due: DueRemoval): Promise<boolean> {
  const isGone = await voice.removeCall(due.provider_call_id).catch(() => 'away' as const);
  await system.transaction().execute((trx) =>
    isGone === true
      ? markGone(trx, due.id)
      : askAgain(trx, due.id, {
          fault: isGone === 'away' ? 'provider_away' : 'still_there',
          afterMs: retryMs(due.tries),
        }),
  );
  return isGone === true;
}
