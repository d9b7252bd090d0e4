import type { ContactView } from '../../domain/contacts/rules/view.ts';
import { parseContactFact } from '../../domain/contacts/rules/parse-fact.ts';
import type { ContactFact } from '../../domain/contacts/rules/facts.ts';
import { runEntity } from '../shared/entity.ts';
import type { Carried, Entity } from '../shared/entity-contract.ts';
import { carryOut, projectionOf, understood } from './carry-out.ts';
import type { ContactCommand } from './commands.ts';
import * as contract from './contract.ts';
import { decide, failed, open } from './decide.ts';
import { messageId } from './rules/message-id.ts';
import type { ContactState } from './state.ts';
import { attributes, describe } from './labels.ts';

/**
 * One person in one batch, until it closes by itself. What happens to a debtor at 12:00 is in `decide`; the shell around
 * it (mailbox, deadline, answers, end) is the same for every entity: workflows/shared/entity.ts.
 */
export async function contact(
  input: contract.ContactInput & { readonly carried?: Carried<ContactState> },
): Promise<contract.ContactResult> {
  if (input.carried !== undefined) understood(input.carried.state);
  return runEntity(entity, input);
}

const entity: Entity<
  contract.ContactInput,
  ContactState,
  ContactFact,
  ContactCommand,
  ContactView,
  contract.ContactResult
> = {
  // Who begins anew after somebody was spoken with waits for a person's decision.
  open: ({ contactId, run, paused }) => open(contactId, run, paused === true),
  decide,
  execute: carryOut,
  failed,
  parseFact: parseContactFact,
  signals: {
    [contract.lineGrantedSignal.name]: 'LineGranted',
    [contract.lineSuspendedSignal.name]: 'LineSuspended',
    [contract.callFoundSignal.name]: 'CallFound',
    [contract.callAbsentSignal.name]: 'CallAbsent',
    [contract.callEndedSignal.name]: 'CallEnded',
    [contract.paymentRecordedSignal.name]: 'PaymentRecorded',
    [contract.paymentReversedSignal.name]: 'PaymentReversed',
    [contract.taskResolvedSignal.name]: 'TaskResolved',
    [contract.contactStoppedSignal.name]: 'ContactStopped',
    [contract.rescheduleAgreedSignal.name]: 'RescheduleRequested',
    [contract.rescheduleWishedSignal.name]: 'RescheduleWished',
    [contract.batchPausedSignal.name]: 'BatchPaused',
    [contract.batchResumedSignal.name]: 'BatchResumed',
    [contract.batchCancelledSignal.name]: 'BatchCancelled',
  },
  updates: {
    [contract.rescheduleUpdate.name]: 'RescheduleRequested',
    [contract.pauseUpdate.name]: 'PauseRequested',
    [contract.resumeUpdate.name]: 'ResumeRequested',
    [contract.cancelUpdate.name]: 'CancelRequested',
  },
  deadline: { type: 'DeadlineReached' },
  cancelled: { type: 'CancelRequested' },
  idOf: messageId,
  nextWakeAtMs: ({ nextWakeAtMs }) => nextWakeAtMs,
  describe,
  attributes,
  view: (state) => {
    const { nextAtMs, ...projection } = projectionOf(state, Date.now());
    return { ...projection, nextWakeAtMs: nextAtMs };
  },
  result: ({ phase, attempts }, closedAtMs) =>
    phase.kind === 'closed' ? { outcome: phase.outcome, attempts, closedAtMs } : undefined,
  subject: ({ accountId, contactId }) => ({ accountId, actor: 'contact workflow', subject: contactId }),
  // In virtual time a new run would miscount the clock; a rehearsed life is as long as its batch.
  historyBudget: ({ mode }) => (mode === 'live' ? 2_000 : null),
  closedWords: 'El contacto ya está cerrado (the contact is closed)',
};
