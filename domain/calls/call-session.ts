import { readDialled } from './queries-functions.ts';
import type { LockedCall } from './queries.ts';
import { databaseNow, type Trx } from '../../db/client.ts';
import type { CurrentDebt } from '../payments/queries-debts.ts';
import { functionCallsOf, type StoredFunctionCall } from './queries-functions.ts';
import { packOf } from '../policy/definitions.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import type { Disclosure } from '../policy/rules/pack.ts';
import type { Said } from '../contacts/rules/spoken.ts';
import { readNegotiating, type Negotiating } from '../negotiation/stage.ts';

/**
 * What a call's own functions have established, as settlement and every further function read it. The last word on who
 * is there counts: a phone is handed over both ways.
 */
export interface CallEvidence {
  /** wrong_person: whoever is there is not the debtor, and is told nothing. */
  readonly identity: 'unknown' | 'confirmed' | 'wrong_person';
  /** Wrong last digits so far. */
  readonly mismatches: number;
  /** Steps of the discount ladder that were offered; 0: none. */
  readonly offeredSteps: number;
  /** Kinds of `report` that were taken. */
  readonly reports: ReadonlySet<string>;
  readonly askedForLink: boolean;
}

/** Reads the rows of operation.function_call of one call. `refused` rows established nothing. */
export async function readEvidence(trx: Trx, attemptId: string): Promise<CallEvidence> {
  return evidenceOf(await functionCallsOf(trx, attemptId));
}

/** Pure. */
export function evidenceOf(rows: readonly StoredFunctionCall[]): CallEvidence {
  let identity: CallEvidence['identity'] = 'unknown';
  let mismatches = 0;
  let offeredSteps = 0;
  let askedForLink = false;
  const reports = new Set<string>();
  for (const { name, args, answer, refused } of rows) {
    const code = answer['code'];
    if (name === 'confirm_identity') {
      if (code === 'confirmed') identity = 'confirmed';
      if (code === 'wrong_person') identity = 'wrong_person';
      if (code === 'identity_mismatch') mismatches += 1;
    }
    if (refused !== null) continue;
    // `of`: said by somebody who is not the person, and no word of theirs.
    const kind = answer['of'] ?? args['kind'];
    if (name === 'report' && typeof kind === 'string') reports.add(kind);
    if (name === 'report' && kind === 'wrong_person') identity = 'wrong_person';
    if (name === 'send_payment_link') askedForLink = true;
    const step = answer['step'];
    if (name === 'get_offers' && typeof step === 'number') offeredSteps = Math.max(offeredSteps, step);
  }
  // Whoever said that they are not the person, and then brought the person to the phone, was no wrong number.
  if (identity === 'confirmed') reports.delete('wrong_person');
  if (identity === 'wrong_person') reports.add('wrong_person');
  return { identity, mismatches, offeredSteps, reports, askedForLink };
}

/** One conversation as a function finds it, under the locks of call and person. */
export interface CallSession {
  readonly locked: LockedCall;
  readonly evidence: CallEvidence;
  readonly at: Date;
  /** `at` is of a rehearsal's clock. */
  readonly isRehearsed: boolean;
  /** The person's own day. */
  readonly today: string;
  readonly nationalId: string | null;
  /** The number that was dialled, E.164. */
  readonly dialled: string;
  /** Undefined: the batch negotiates nothing. */
  readonly negotiating: Negotiating | undefined;
  /** Still owed. */
  readonly debts: readonly CurrentDebt[];
  /** What the pack has the agent say. */
  readonly disclosures: readonly Disclosure[];
}

export async function readSession(trx: Trx, locked: LockedCall, rehearsalAt?: Date): Promise<CallSession> {
  const at = rehearsalAt ?? (await databaseNow(trx));
  const today = localDayOf(locked.zone, at.getTime());
  const negotiating = await readNegotiating(trx, locked.contact_id, today);
  const { national_id: nationalId, e164: dialled } = await readDialled(
    trx,
    locked.person_id,
    locked.phone_id,
  );
  const debts = (negotiating?.debts ?? []).filter(({ balanceMicros }) => balanceMicros > 0n);
  const evidence = await readEvidence(trx, locked.attempt_id);
  const pack = await packOf(trx, { key: locked.pack_key, version: locked.pack_version });
  return {
    locked,
    evidence,
    at,
    isRehearsed: rehearsalAt !== undefined,
    today,
    nationalId,
    dialled,
    negotiating,
    debts,
    disclosures: pack.disclosures,
  };
}

/** JSON-plain. `say` is what the agent may say, and nothing in an answer may be said that is not in it. */
export interface FunctionAnswer {
  readonly ok: boolean;
  readonly code: string;
  readonly say: string;
  readonly say_en: string;
  readonly [field: string]: unknown;
}

export function yes(
  code: string,
  { es, en }: Said,
  more: Readonly<Record<string, unknown>> = {},
): FunctionAnswer {
  return { ok: true, code, say: es, say_en: en, ...more };
}

export function no(
  code: string,
  { es, en }: Said,
  more: Readonly<Record<string, unknown>> = {},
): FunctionAnswer {
  return { ok: false, code, say: es, say_en: en, ...more };
}
