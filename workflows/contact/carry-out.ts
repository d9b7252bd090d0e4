import { ActivityFailure, proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Answer, ContactActivities, ContactRef, Note } from '../../activities/contact/types.ts';
import { idempotentWrite, irreversible, read } from '../shared/activity-options.ts';
import type { Mailbox } from '../shared/mailbox.ts';
import type { ContactCommand } from './commands.ts';
import type { ContactInput } from './contract.ts';
import type { ContactFact } from './events.ts';
import type { ContactState } from './state.ts';
import { describe, listState } from './words.ts';

const local = proxyLocalActivities<ContactActivities>(idempotentWrite);
const { dial } = proxyActivities<Pick<ContactActivities, 'dial'>>(irreversible);
const { sendPaymentLink } = proxyActivities<Pick<ContactActivities, 'sendPaymentLink'>>(irreversible);
const { checkCall } = proxyActivities<Pick<ContactActivities, 'checkCall'>>(read);

/** The first fact of a contact. */
export async function open(input: ContactInput): Promise<ContactFact> {
  return { type: 'ContactOpened', ...(await local.openContact(refOf(input))) };
}

/** One command, one activity; its answer goes into the mailbox like any other fact. */
export async function carryOut(
  input: ContactInput,
  state: ContactState,
  command: ContactCommand,
  mailbox: Mailbox<ContactFact>,
): Promise<void> {
  const answer = await execute(input, state, command);
  for (const { fact, deliverAtMs } of answer.deliveries) {
    if (deliverAtMs === undefined) mailbox.put(fact);
    else mailbox.putAt(deliverAtMs, fact);
  }
}

/** The contact's row as it should read now. */
export function noteOf(state: ContactState): Note {
  return {
    state: listState(state),
    waitingFor: describe(state),
    attempts: state.attempts,
    nextAtMs: state.phase.kind === 'waiting' ? state.phase.eligibleAtMs : state.nextWakeAtMs,
  };
}

const nothing: Answer = { deliveries: [] };

async function execute(input: ContactInput, state: ContactState, command: ContactCommand): Promise<Answer> {
  const ref = refOf(input);
  const note = noteOf(state);
  const summary = note.waitingFor;
  switch (command.type) {
    case 'PlanSlots': {
      const { slots } = await local.planSlots({ ...ref, fromMs: command.fromMs });
      return { deliveries: [{ fact: { type: 'SlotsPlanned', slots } }] };
    }
    case 'RequestLine': {
      const { type: _, ...request } = command;
      const { workflowId } = workflowInfo();
      return local.requestLine.executeWithOptions({ summary }, [{ ...ref, ...request, workflowId, note }]);
    }
    case 'Dial': {
      const { type: _, ...plan } = command;
      try {
        return await dial.executeWithOptions({ summary }, [{ ...ref, ...plan, note }]);
      } catch (error) {
        // A dead or late worker: the POST may have left it. Anything but "unknown" here could dial twice.
        if (!(error instanceof ActivityFailure)) throw error;
        return { deliveries: [{ fact: { type: 'DialOutcomeUnknown', attemptId: command.attemptId } }] };
      }
    }
    case 'CheckCall':
      return checkCall.executeWithOptions({ summary }, [{ ...ref, attemptId: command.attemptId }]);
    case 'SendPaymentLink':
      try {
        return await sendPaymentLink.executeWithOptions({ summary: 'Envía el enlace de pago' }, [
          { ...ref, agreementId: command.agreementId },
        ]);
      } catch (error) {
        // The message may have left: not a second one.
        if (!(error instanceof ActivityFailure)) throw error;
        const { agreementId } = command;
        return {
          deliveries: [{ fact: { type: 'LinkAnswered', agreementId, result: 'unknown', notBeforeMs: null } }],
        };
      }
    case 'CheckAgreement':
      return local.checkAgreement.executeWithOptions({ summary: 'Revisa si se pagó lo acordado' }, [
        { ...ref, agreementId: command.agreementId },
      ]);
    case 'ResolveWish':
      return local.resolveWish.executeWithOptions({ summary: 'Lee la hora pedida' }, [
        { ...ref, requestId: command.requestId, wish: command.wish },
      ]);
    case 'NoteLapsed':
      await local.noteLapsed.executeWithOptions({ summary: 'Pasó la hora de una llamada acordada' }, [
        { ...ref, slotKey: command.slotKey },
      ]);
      return nothing;
    case 'HoldContact': {
      const { type: _, ...held } = command;
      await local.holdContact.executeWithOptions({ summary }, [{ ...ref, ...held, note }]);
      return nothing;
    }
    case 'CloseContact': {
      const { type: _, ...closing } = command;
      await local.closeContact.executeWithOptions({ summary }, [{ ...ref, ...closing, note }]);
      return nothing;
    }
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}

function refOf({ accountId, batchId, contactId, run, realm }: ContactInput): ContactRef {
  return { accountId, batchId, contactId, run, realm, nowMs: Date.now() };
}
