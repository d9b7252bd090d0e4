import {
  findNegotiation,
  insertNegotiation,
  newestVersion,
  readNegotiations,
} from './queries-negotiations.ts';
import { readNegotiation } from './queries-read.ts';
import type { Trx } from '../../db/client.ts';
import { readAgents } from '../accounts/queries-agents.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { checkNegotiation } from './rules/check.ts';
import type { Negotiation } from './rules/types.ts';
import { parseNegotiation } from '../policy/rules/parse.ts';
import type { Caller } from '../shared/caller.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';

export interface StoredNegotiation {
  readonly id: string;
  /** Ships with the product, for every account. */
  readonly shipped: boolean;
  readonly negotiation: Negotiation;
}

const standardKey = 'collection-standard';

/** The account's own and those that ship, the newest version of each key first. */
export async function listNegotiations(trx: Trx): Promise<readonly StoredNegotiation[]> {
  const rows = await readNegotiations(trx);
  return rows.map((row) => ({
    id: row.id,
    shipped: row.account_id === null,
    negotiation: parseNegotiation(row.definition),
  }));
}

/** One version of a negotiation, the account's own before one that ships. Throws `OperationRefused`. */
export async function viewNegotiation(trx: Trx, key: string, version: number): Promise<StoredNegotiation> {
  const row = await readNegotiation(trx, key, version);
  if (row === undefined) throw refuse('definition_not_found');
  return {
    id: row.id,
    shipped: row.account_id === null,
    negotiation: parseNegotiation(row.definition),
  };
}

/**
 * Stores an account's own negotiation as the next version of its key: a stored version never changes, because batches
 * were promised it. Throws `OperationRefused` naming each field that is wrong.
 */
export async function createNegotiation(
  trx: Trx,
  caller: Caller,
  draft: Omit<Negotiation, 'version'>,
): Promise<StoredNegotiation> {
  const faults = checkNegotiation({ ...draft, version: 1 });
  if (faults.length > 0) {
    throw refuse(
      'negotiation_invalid',
      {
        faultsEn: faults.map(({ field, en }) => `${field} ${en}`).join('; '),
        faultsEs: faults.map(({ field, es }) => `${field}: ${es}`).join('; '),
      },
      { errors: faults.map(({ field, en, es }) => ({ field, message: en, message_es: es })) },
    );
  }
  await requireOwnAgents(trx, caller.accountId, draft);
  const newest = await newestVersion(trx, caller.accountId, draft.key);
  const negotiation: Negotiation = { ...draft, version: newest + 1 };
  const { key, version } = negotiation;
  const made = await insertNegotiation(trx, caller.accountId, negotiation);
  if (made === undefined) throw atOnce(key);
  await writeAudit(trx, {
    ...caller,
    action: 'negotiation.created',
    subject: made,
    detail: { key, version, identityFirst: negotiation.identityFirst },
  });
  return { id: made, shipped: false, negotiation };
}

/** One workspace of the provider holds everybody's agents: another account's would say another company's words. */
async function requireOwnAgents(
  trx: Trx,
  accountId: string,
  { stages }: Pick<Negotiation, 'stages'>,
): Promise<void> {
  const own = await readAgents(trx, accountId);
  const foreign = stages.findIndex(({ agentId }) => agentId !== null && !own.has(agentId));
  if (foreign !== -1) throw refuse('agent_unknown', {}, { field: `stages.${foreign}.agentId` });
}

function atOnce(key: string): OperationRefused {
  return refuse('negotiation_at_once', { key });
}

export interface ChosenNegotiation {
  readonly id: string;
  readonly key: string;
  readonly version: number;
}

/**
 * The newest version of the named negotiation, the account's own before one that ships; for collections the standard
 * when none is named. Undefined: the use case negotiates nothing.
 */
export async function chooseNegotiation(
  trx: Trx,
  named: string | undefined,
  useCaseKey: string,
): Promise<ChosenNegotiation | undefined> {
  if (useCaseKey !== 'debt_collection') {
    if (named === undefined) return undefined;
    throw refuse('negotiation_without_debts', { useCase: useCaseKey }, { field: 'negotiation' });
  }
  const key = named ?? standardKey;
  const found = await findNegotiation(trx, key);
  if (found !== undefined) return found;
  throw refuse('negotiation_unknown', { key }, { field: 'negotiation' });
}
