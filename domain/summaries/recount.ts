import { type Database, inAccount } from '../../db/client.ts';
import { dueHours, lockSummaries, recountHours, touchAll, type TouchedHour } from './queries-recount.ts';

/** Hours of one transaction: it is short whatever an account has to be counted. */
const hoursAtOnce = 40;

export interface Visit {
  /** The last hour of those that were counted; undefined: none is left behind them. */
  readonly after: TouchedHour | undefined;
  readonly hours: number;
}

/** Counts some of an account's touched hours again, behind one of them. Somebody else who counts the account is left to it. */
export async function recountSome(
  app: Database,
  accountId: string,
  { after, quietMs }: { readonly after?: TouchedHour | undefined; readonly quietMs: number },
): Promise<Visit> {
  return inAccount(app, accountId, async (trx) => {
    if (!(await lockSummaries(trx))) return { after: undefined, hours: 0 };
    const due = await dueHours(trx, { after, quietMs, limit: hoursAtOnce });
    await recountHours(trx, due);
    return { after: due.length === hoursAtOnce ? due.at(-1) : undefined, hours: due.length };
  });
}

/** Counts all of an account's touched hours. Returns how many. */
export async function recountAll(app: Database, accountId: string): Promise<number> {
  let hours = 0;
  for (;;) {
    const visit = await recountSome(app, accountId, { quietMs: 0 });
    hours += visit.hours;
    if (visit.hours === 0) return hours;
  }
}

/** Counts everything of an account again, from its first call on. Returns the number of hours. */
export async function rebuild(app: Database, accountId: string): Promise<number> {
  const touched = await inAccount(app, accountId, touchAll);
  await recountAll(app, accountId);
  return touched;
}
