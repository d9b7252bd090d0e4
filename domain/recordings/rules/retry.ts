const firstMs = 60_000;
const longestMs = 3 * 3_600_000;
/** A day and a half: by then the provider's link has ended, and a fresh one has been asked for many times. */
export const mostTries = 20;
/** From here on somebody looks: `tandas_recordings`. */
export const triesToTell = 3;

/** After the nth failure in a row: a minute, twice as long each time, three hours at most. */
export function retryMs(tries: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, Math.min(tries - 1, 20)));
}
