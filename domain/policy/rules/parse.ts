import type { RulePack } from './pack.ts';
import { type RulePackV1, upgradePack } from './pack-v1.ts';
import type { Negotiation } from '../../negotiation/rules/types.ts';
import type { Policy } from './policy.ts';

/**
 * Parsers of definitions that were stored as JSON. Stored versions were written by this project and are immutable;
 * what is checked is that a row is of the kind that its reader expects.
 */

export function parsePolicy(definition: unknown): Policy {
  requireFields(definition, 'policy', [
    'key',
    'version',
    'schedule',
    'maxAttempts',
    'callsPerDay',
    'maxCallMs',
  ]);
  return definition as unknown as Policy;
}

/** A pack of any release, as this one reads it. */
export function parsePack(definition: unknown): RulePack {
  requireFields(definition, 'rule pack', ['key', 'version', 'windows', 'callerIdPrefixes']);
  if ('callsPerDay' in definition) {
    requireFields(definition, 'rule pack', ['cooldownDays']);
    return upgradePack(definition as unknown as RulePackV1);
  }
  requireFields(definition, 'rule pack', ['limits', 'coolDown', 'voicemail', 'disclosures', 'stopOn']);
  return definition as unknown as RulePack;
}

export function parseNegotiation(definition: unknown): Negotiation {
  requireFields(definition, 'negotiation', ['key', 'version', 'identityFirst', 'stages']);
  return definition as unknown as Negotiation;
}

function requireFields(value: unknown, what: string, fields: readonly string[]): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new Error(`the stored ${what} is not an object`);
  for (const field of fields) {
    if (!(field in value)) throw new Error(`the stored ${what} has no field "${field}"`);
  }
}
