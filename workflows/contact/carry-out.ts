import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ContactActivities, ContactRef, Projection, TurnRef } from '../../activities/contact/types.ts';
import { idempotentWrite, irreversible } from '../shared/activity-options.ts';
import type { WorkflowStep } from '../../domain/lines/rules/workflow-step.ts';
import { LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import type { ContactCommand } from './commands.ts';
import type { ContactInput } from './contract.ts';
import type { ContactState } from './state.ts';
import { describe, listState } from './labels.ts';

const local = proxyLocalActivities<ContactActivities>(idempotentWrite);
const { dial } = proxyActivities<Pick<ContactActivities, 'dial'>>(irreversible);
const { sendPaymentLink } = proxyActivities<Pick<ContactActivities, 'sendPaymentLink'>>(irreversible);

/** The contact's row as it should read now. */
export function projectionOf(state: ContactState, nowMs: number): Projection {
  return {
    state: listState(state),
    waitingFor: describe(state, nowMs),
    attempts: state.attempts,
    nextAtMs: state.phase.kind === 'waiting' ? state.phase.eligibleAtMs : state.nextWakeAtMs,
  };
}

/** One command, one activity. Its answer is read by the shell, and comes back as a fact like any other. */
export async function carryOut(
  command: ContactCommand,
  { input, state }: { readonly input: ContactInput; readonly state: ContactState },
): Promise<unknown> {
  const ref = refOf(input);
  const projection = projectionOf(state, Date.now());
  const turn: TurnRef = { ...ref, projection, step: stepNow() };
  const summary = projection.waitingFor;
  switch (command.type) {
    case 'OpenContact':
      return one('ContactOpened', understood(await local.openContact(ref)));
    case 'PlanSlots':
      return one('SlotsPlanned', await local.planSlots({ ...ref, fromMs: command.fromMs }));
    case 'RequestLine': {
      const { type: _, ...request } = command;
      return local.requestLine.executeWithOptions({ summary }, [{ ...turn, ...request }]);
    }
    case 'Dial': {
      const { type: _, ...plan } = command;
      return dial.executeWithOptions({ summary }, [{ ...ref, ...plan, projection }]);
    }
    case 'RecoverDial':
      return local.recoverDial.executeWithOptions({ summary }, [
        { ...ref, attemptId: command.attemptId, projection },
      ]);
    case 'SendPaymentLink':
      return sendPaymentLink.executeWithOptions({ summary: 'Envía el enlace de pago' }, [
        { ...ref, agreementId: command.agreementId },
      ]);
    case 'CheckAgreement':
      return local.checkAgreement.executeWithOptions({ summary: 'Revisa si se pagó lo acordado' }, [
        { ...ref, agreementId: command.agreementId },
      ]);
    case 'ResolveWish':
      return local.resolveWish.executeWithOptions({ summary: 'Lee la hora pedida' }, [
        { ...ref, requestId: command.requestId, wish: command.wish },
      ]);
    case 'NoteLapsed':
      return local.noteLapsed.executeWithOptions({ summary: 'Pasó la hora de una llamada acordada' }, [
        { ...ref, slotKey: command.slotKey },
      ]);
    case 'HoldContact': {
      const { type: _, ...held } = command;
      const waitsForRequestId = state.phase.kind === 'waiting' ? state.phase.requestId : null;
      return local.holdContact.executeWithOptions({ summary }, [{ ...turn, ...held, waitsForRequestId }]);
    }
    case 'CloseContact': {
      const { type: _, ...closing } = command;
      return local.closeContact.executeWithOptions({ summary }, [{ ...turn, ...closing }]);
    }
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}

function one(type: string, answer: object): unknown {
  return { deliveries: [{ fact: { ...answer, type } }] };
}

/**
 * A life that began under newer logic than this worker's: the task fails and is tried again until a newer worker takes it.
 * Going on would carry out other commands than those on record.
 */
export function understood<T extends { readonly logicVersion: number }>(opened: T): T {
  if (opened.logicVersion > LOGIC_VERSION) {
    throw new Error(`this worker knows version ${LOGIC_VERSION} of the logic: deploy the newer build again`);
  }
  return opened;
}

function stepNow(): WorkflowStep {
  const { runId, historyLength } = workflowInfo();
  return { temporalRunId: runId, historyLength };
}

function refOf({ accountId, batchId, contactId, run, mode }: ContactInput): ContactRef {
  return { accountId, batchId, contactId, run, mode, nowMs: Date.now() };
}
