import type { CallEnded } from '../contacts/rules/facts.ts';
import { parseCallEnded } from '../contacts/rules/parse-fact.ts';

/** Parser of what a contact was told, as this project stored it. Throws for a row that it did not write. */
export function parseTold(stored: Record<string, unknown>): CallEnded {
  return parseCallEnded(stored);
}
