import { ApplicationFailure, executeChild, proxyLocalActivities } from '@temporalio/workflow';
import type { RehearsalActivities } from '../../activities/rehearsal/types.ts';
import { contact } from '../contact/workflow.ts';
import { idempotentWrite } from '../shared/activity-options.ts';
import { runEntity } from '../shared/entity.ts';
import type { Entity } from '../shared/entity-contract.ts';
import type { RehearsalResult, RehearsalView } from './contract.ts';
import type { RehearsalInput } from '../../domain/rehearsal/rules/input.ts';
import {
  decideRehearsal,
  openRehearsal,
  parseRehearsalFact,
  type RehearsalCommand,
  type RehearsalFact,
  type RehearsalState,
} from './decide.ts';

const { listContacts, openContactAt } = proxyLocalActivities<RehearsalActivities>(idempotentWrite);

/**
 * Lives a whole batch in virtual time. The contacts are the same workflows as in production, as children, because only
 * children inherit the clock.
 */
export async function rehearsal(input: RehearsalInput): Promise<RehearsalResult> {
  return runEntity(entity, input);
}

const entity: Entity<
  RehearsalInput,
  RehearsalState,
  RehearsalFact,
  RehearsalCommand,
  RehearsalView,
  RehearsalResult
> = {
  open: ({ groupSize, startsAtMs }) => openRehearsal(groupSize, startsAtMs),
  decide: decideRehearsal,
  execute,
  isLong: ({ type }) => type === 'LiveContact',
  failed: () => ({ type: 'RehearsalFailed' }),
  parseFact: parseRehearsalFact,
  signals: {},
  updates: {},
  deadline: { type: 'DeadlineReached' },
  cancelled: { type: 'CancelRequested' },
  nextWakeAtMs: () => null,
  describe: ({ closed, contactIds }) =>
    contactIds === null ? 'Ensayo' : `Ensayo: ${closed} de ${contactIds.length} contactos terminados`,
  view: ({ started, closed }) => ({ started, closed }),
  result,
  subject: ({ accountId, batchId }) => ({ accountId, actor: 'rehearsal workflow', subject: batchId }),
  // Virtual time: a new run would miscount the clock.
  historyBudget: () => null,
  closedWords: 'El ensayo ya terminó (the rehearsal is over)',
};

function result({
  hasFailed,
  isCancelled,
  contactIds,
  closed,
  endedAtMs,
}: RehearsalState): RehearsalResult | undefined {
  if (hasFailed) throw ApplicationFailure.nonRetryable('a contact could not be lived', 'RehearsalFailed');
  if (contactIds !== null && closed === contactIds.length) return { contacts: contactIds.length, endedAtMs };
  // A report of half of the people would read like one of all of them.
  if (isCancelled) throw ApplicationFailure.nonRetryable('the rehearsal was cancelled', 'RehearsalCancelled');
  return undefined;
}

async function execute(
  command: RehearsalCommand,
  { input }: { readonly input: RehearsalInput },
): Promise<unknown> {
  const { accountId, batchId, startsAtMs } = input;
  switch (command.type) {
    case 'ListContacts':
      return one({ ...(await listContacts({ accountId, batchId })), type: 'ContactsListed' });
    case 'LiveContact': {
      const { contactId, afterMs } = command;
      const { workflowId } = await openContactAt({ accountId, contactId, startsAtMs, afterMs });
      const { closedAtMs } = await executeChild(contact, {
        workflowId,
        args: [{ accountId, batchId, contactId, run: 1, mode: 'rehearsal' }],
      });
      return one({ closedAtMs, type: 'ContactClosed' });
    }
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}

function one(fact: object): unknown {
  return { deliveries: [{ fact }] };
}
