import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface FunctionCallRow {
  readonly accountId: string;
  readonly attemptId: string;
  readonly providerCallId: string;
  readonly name: string;
  /** Of the arguments as they came: the provider repeats a function that it had no answer of. */
  readonly argsHash: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
  /** Why it was refused; null: done. */
  readonly refused: string | null;
}

export interface StoredFunctionCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly answer: Record<string, unknown>;
  readonly refused: string | null;
}

/** Of one call: it has a few dozen at most. */
export const mostFunctionCalls = 500;

/** Everything that this call has asked so far, in order. */
export async function functionCallsOf(trx: Trx, attemptId: string): Promise<readonly StoredFunctionCall[]> {
  return trx
    .selectFrom('operation.function_call')
    .select(['name', 'args', 'answer', 'refused'])
    .where('attempt_id', '=', attemptId)
    .orderBy('id')
    .limit(mostFunctionCalls)
    .execute();
}

/** What was answered when the same function came with the same arguments in the same call. */
export async function findFunctionCall(
  trx: Trx,
  row: Pick<FunctionCallRow, 'providerCallId' | 'name' | 'argsHash'>,
): Promise<StoredFunctionCall | undefined> {
  return trx
    .selectFrom('operation.function_call')
    .select(['name', 'args', 'answer', 'refused'])
    .where('provider_call_id', '=', row.providerCallId)
    .where('name', '=', row.name)
    .where('args_hash', '=', row.argsHash)
    .executeTakeFirst();
}

/** A repeated refusal keeps its first row. */
export async function insertFunctionCall(trx: Trx, row: FunctionCallRow): Promise<void> {
  await trx
    .insertInto('operation.function_call')
    .values({
      account_id: row.accountId,
      attempt_id: row.attemptId,
      provider_call_id: row.providerCallId,
      name: row.name,
      args_hash: row.argsHash,
      args: JSON.stringify(row.args),
      answer: JSON.stringify(row.answer),
      refused: row.refused,
      at: sql<Date>`clock_timestamp()`,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The person's national id and the number that was dialled. */
export async function readDialled(trx: Trx, personId: string, phoneId: string) {
  return trx
    .selectFrom('core.person as s')
    .innerJoin('core.phone as p', 'p.person_id', 's.id')
    .select(['s.national_id', 'p.e164'])
    .where('s.id', '=', personId)
    .where('p.id', '=', phoneId)
    .executeTakeFirstOrThrow();
}
