import type { CallEnded } from '../../workflows/contact/contract.ts';

/** Parser of what a contact was told, as this project stored it. Throws for a row that it did not write. */
export function parseTold(stored: Record<string, unknown>): CallEnded {
  for (const field of ['attemptId', 'outcome', 'rang', 'human']) {
    if (!(field in stored)) throw new Error(`what was told of a call has no field "${field}"`);
  }
  return stored as unknown as CallEnded;
}
