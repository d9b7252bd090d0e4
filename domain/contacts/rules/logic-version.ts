/**
 * Newest version of the contact's logic. A run keeps the version that its first activity recorded, so a changed rule
 * never changes what a running contact has already decided (docs/decisions/0004). Ask `hasMinVersion` in `decide` where
 * a rule changed, and keep the old branch while runs of the version before it may live.
 *
 * 4: the first that is kept. Versions 1 to 3 were never released.
 * 5: a number that the provider refuses gives the next phone its turn; the only one waits for the next slot.
 * 6: the search attributes follow to the end: the state is `closed`, and the outcome has one of its own. A day on which the person
 *    took a call is no day of silence, whatever its other calls were.
 */
export const LOGIC_VERSION = 6;

/** The oldest version that this code still knows. */
export const OLDEST_LOGIC_VERSION = 4;

/** Whether a run has the rule that came with that version. */
export function hasMinVersion(run: { readonly logicVersion: number }, version: number): boolean {
  return run.logicVersion >= version;
}
