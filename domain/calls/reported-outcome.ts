import type { CallEnded } from '../contacts/rules/facts.ts';
import { parseCallEnded } from '../contacts/rules/parse-fact.ts';

/** Parser of the outcome that was reported to a contact, as this project stored it. Throws for a row that it did not write. */
export function parseReportedOutcome(stored: Record<string, unknown>): CallEnded {
  return parseCallEnded(stored);
}
