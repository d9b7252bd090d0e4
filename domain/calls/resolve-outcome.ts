import type { CallFacts, LockedCall } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { firstDue, makeAgreement } from '../negotiation/agreements.ts';
import { evidenceOf } from './call-session.ts';
import { readNegotiating } from '../negotiation/stage.ts';
import { openTask } from '../tasks/tasks.ts';
import { judgeOffer } from '../negotiation/rules/judge.ts';
import { totalsOf } from '../negotiation/rules/stage.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import type { BusinessOutcome, CallReading } from '../usecases/outcome.ts';
import type { AgreementRef } from '../contacts/rules/facts.ts';

/**
 * What the agent reported by a signed function while the call ran, most binding first. It outranks what the provider's
 * analysis makes of the talk afterwards: it was said, answered and recorded.
 */
const reported: readonly BusinessOutcome[] = ['do_not_call', 'legal', 'dispute', 'hardship', 'wrong_person'];
/** Only when nothing was agreed on. */
const reportedWithoutAgreement: readonly BusinessOutcome[] = ['already_paid', 'refused'];

/** Words of the function that are not those of the outcome. */
const outcomeOfKind: Readonly<Record<string, BusinessOutcome>> = { refuses: 'refused' };

export interface ResolvedOutcome {
  readonly outcome: BusinessOutcome;
  /** What the contact is to follow. */
  readonly agreement?: AgreementRef;
  /** A promise of the analysis that may not be taken: which rule says so. */
  readonly refusedOffer?: string;
}

/**
 * What a call came to, by what was recorded while it ran and else by how the use case reads its result. A promise that
 * only the analysis tells of is judged by the same rules as one made by function, and recorded as an agreement.
 */
export async function resolveOutcome(
  trx: Trx,
  locked: LockedCall,
  { reading, facts }: { readonly reading: CallReading; readonly facts: CallFacts },
  at: Date,
): Promise<ResolvedOutcome> {
  // A greeting that was transcribed reports nothing.
  if (reading.outcome === 'voicemail') return { outcome: reading.outcome };
  const { reports, offeredSteps } = evidenceOf(facts.functionCalls);
  const kinds = new Set([...reports].map((kind) => outcomeOfKind[kind] ?? kind));
  const binding = [...reported].find((outcome) => kinds.has(outcome));
  if (binding !== undefined) return { outcome: binding };
  if (facts.agreementId !== null) return agreed(trx, locked, facts.agreementId, at);
  const said = reportedWithoutAgreement.find((outcome) => kinds.has(outcome));
  if (said !== undefined) return { outcome: said };
  return reading.promise === undefined
    ? { outcome: reading.outcome }
    : promised(trx, locked, reading, { at, offeredSteps });
}

async function agreed(trx: Trx, locked: LockedCall, agreementId: string, at: Date): Promise<ResolvedOutcome> {
  const agreement = await firstDue(trx, agreementId, locked.zone, at.getTime());
  await handOverLarge(trx, locked, agreementId, at);
  return agreement === undefined ? { outcome: 'promise' } : { outcome: 'promise', agreement };
}

/** From the stage's amount on a person closes the negotiation: what was agreed stands, and somebody is told to look. */
async function handOverLarge(trx: Trx, locked: LockedCall, agreementId: string, at: Date): Promise<void> {
  const negotiating = await readNegotiating(trx, locked.contact_id, localDayOf(locked.zone, at.getTime()));
  const fromMicros = negotiating?.stage.handOverFromMicros ?? null;
  if (negotiating === undefined || fromMicros === null) return;
  const owed = Math.max(0, ...[...totalsOf(negotiating.debts).values()].map(Number));
  if (owed < fromMicros) return;
  await openTask(trx, {
    accountId: locked.account_id,
    personId: locked.person_id,
    contactId: locked.contact_id,
    attemptId: locked.attempt_id,
    kind: 'person_asked',
    context: { reason: 'large_debt', agreement_id: agreementId },
    dedupeKey: `${agreementId}:large_debt`,
    openedAt: at,
  });
}

async function promised(
  trx: Trx,
  locked: LockedCall,
  reading: CallReading,
  { at, offeredSteps }: { readonly at: Date; readonly offeredSteps: number },
): Promise<ResolvedOutcome> {
  const localDay = localDayOf(locked.zone, at.getTime());
  const negotiating = await readNegotiating(trx, locked.contact_id, localDay);
  // A batch without stages: a promise is what the use case takes for one.
  if (negotiating === undefined || reading.promise === undefined) return { outcome: reading.outcome };
  const { stage, debts } = negotiating;
  const { date, amountMicros } = reading.promise;
  const [owed, other] = [...totalsOf(debts)];
  // Two currencies: nobody knows which of them was meant.
  if (owed === undefined || other !== undefined)
    return { outcome: 'answered', refusedOffer: 'mixed_currencies' };
  const [currency, owedMicros] = owed;
  const judged = judgeOffer(
    stage,
    { owedMicros, currency, today: localDay, offeredSteps },
    {
      kind: amountMicros < owedMicros ? 'part' : 'full',
      amountMicros,
      date,
      currency,
      count: null,
      parts: null,
    },
  );
  if (!judged.ok) return { outcome: 'answered', refusedOffer: judged.code };
  const { agreementId } = await makeAgreement(trx, {
    accountId: locked.account_id,
    batchId: locked.batch_id,
    contactId: locked.contact_id,
    personId: locked.person_id,
    attemptId: locked.attempt_id,
    terms: judged.terms,
    source: 'analysis',
    madeAt: at,
    zone: locked.zone,
    graceDays: stage.graceDays,
  });
  return agreed(trx, locked, agreementId, at);
}
