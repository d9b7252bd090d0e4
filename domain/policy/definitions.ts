import type { Db } from '../../db/client.ts';
import type { Negotiation } from '../negotiation/rules/types.ts';
import {
  readNegotiationDefinition,
  readPackDefinition,
  readPolicyDefinition,
  type VersionRef,
} from './queries-definitions.ts';
import type { RulePack } from './rules/pack.ts';
import { parseNegotiation, parsePack, parsePolicy } from './rules/parse.ts';
import type { Policy } from './rules/policy.ts';

/** More than an installation has; beyond it the oldest is read again. */
const mostKept = 500;

/**
 * What is immutable is read, checked and kept once for each version and database: a call reads its batch's policy, pack
 * and negotiation by their keys alone.
 */
class Kept<T> {
  readonly #byDatabase = new WeakMap<object, Map<string, T>>();

  async get(db: Db, name: string, read: () => Promise<T>): Promise<T> {
    // A handle and its transactions share it, two databases never do.
    const owner = db.getExecutor().adapter;
    const known = this.#byDatabase.get(owner) ?? new Map<string, T>();
    this.#byDatabase.set(owner, known);
    const before = known.get(name);
    if (before !== undefined) return before;
    const value = await read();
    const [oldest] = known.keys();
    if (known.size >= mostKept && oldest !== undefined) known.delete(oldest);
    known.set(name, value);
    return value;
  }
}

const policies = new Kept<Policy>();
const packs = new Kept<RulePack>();
const negotiations = new Kept<Negotiation>();

/** Throws for a version that is not there or not whole. */
export function policyOf(db: Db, ref: VersionRef): Promise<Policy> {
  return policies.get(db, nameOf(ref), async () => parsePolicy(await readPolicyDefinition(db, ref)));
}

/** Without the corrections of the holiday calendar, which change: see `holdingFor`. */
export function packOf(db: Db, ref: VersionRef): Promise<RulePack> {
  return packs.get(db, nameOf(ref), async () => parsePack(await readPackDefinition(db, ref)));
}

/** By the id of its version, which its account may see. */
export function negotiationOf(db: Db, id: string): Promise<Negotiation> {
  return negotiations.get(db, id, async () => parseNegotiation(await readNegotiationDefinition(db, id)));
}

function nameOf({ key, version }: VersionRef): string {
  return `${key}@${version}`;
}
