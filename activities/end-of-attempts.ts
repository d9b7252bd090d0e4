import { ApplicationFailure, Context } from '@temporalio/activity';

/**
 * Tries of a failure that no outage explains: some six minutes by the back-off of a write. Then the workflow goes on
 * without the answer; until then nothing else is taken by it.
 */
const mostAttempts = 20;

/** SQLSTATE classes of bad input: data exception. Repeating the same input fails the same way. */
const badInput = /^22/;
/** A constraint that refuses: mostly bad input too, but a racing write may have made it pass meanwhile. */
const constraint = /^23/;
/** Words of the database client, of sockets and of HTTP clients, whose errors have no code. */
const outageWords = /connect|terminat|time.?out|fetch failed|socket|network|unavailable|abort|pool/i;

/**
 * Every activity ends its attempts, or has a way past them. An outage is repeated until it is over, because it ends by
 * itself. Input that the database refuses is refused at once. Anything else (a fault of ours) ends after `mostAttempts`:
 * one bad row must not keep a workflow from taking a payment, a stop or a pause for ever.
 */
export function withEndOfAttempts<Args extends never[], Answer>(
  activity: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      if (!mustEnd(error, Context.current().info.attempt)) throw error;
      // Without the message of the cause: it may quote what came in, and histories are public by nature.
      const what = error instanceof Error ? error.name : 'unknown error';
      throw ApplicationFailure.nonRetryable(`given up after a ${what}`, 'GivenUp');
    }
  };
}

/** Whether a failure is the last one. `attempt` begins at 1. */
export function mustEnd(error: unknown, attempt: number): boolean {
  if (error instanceof ApplicationFailure) return false;
  const code = codeOf(error);
  if (code !== undefined && badInput.test(code)) return true;
  return !isOutage(error, code) && attempt >= mostAttempts;
}

function isOutage(error: unknown, code: string | undefined): boolean {
  // Any other word of the database or of the system: a deadlock, a server that restarts, a migration that is not in yet.
  if (code !== undefined) return !constraint.test(code);
  if (!(error instanceof Error)) return false;
  if ('status' in error && (error.status === undefined || Number(error.status) >= 429)) return true;
  return outageWords.test(`${error.name} ${error.message}`);
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
