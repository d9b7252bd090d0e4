import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { Alarm } from '../shared/alarm.ts';
import { LOGIC_VERSION } from '../shared/logic-version.ts';
import { Mailbox } from '../shared/mailbox.ts';
import { stateAttribute } from '../shared/search-attributes.ts';
import * as contract from './contract.ts';
import { decide } from './decide.ts';
import { carryOut, noteOf, open } from './carry-out.ts';
import type { ContactFact } from './events.ts';
import { type ContactState, initialState } from './state.ts';
import { describe, listState } from './words.ts';

/** States that an operator filters by. */
const filtered: readonly string[] = ['suspended', 'negotiating', 'paused'];

/**
 * One person in one batch, until it closes by itself. Handlers put facts into the mailbox; the loop gives them one by
 * one to `decide` and carries out what it commands; one deadline is the only timer.
 */
export async function contact(input: contract.ContactInput): Promise<contract.ContactResult> {
  const mailbox = new Mailbox<ContactFact>();
  const alarm = new Alarm();
  let state = initialState(input.contactId, input.run);
  setHandlers(mailbox, () => state);
  setCurrentDetails(describe(state));
  mailbox.put(understood(await open(input)));
  while (state.phase.kind !== 'closed') {
    const fact = mailbox.take();
    if (fact === undefined) {
      const words = describe(state);
      const own = state.logicVersion < 3 ? undefined : alarm;
      const deadlineCame = await mailbox.waitUntil(state.nextWakeAtMs, words, own);
      if (deadlineCame) mailbox.put({ type: 'DeadlineReached' });
      continue;
    }
    const before = state;
    const decision = decide(state, { ...fact, atMs: Date.now() });
    state = decision.state;
    show(before, state);
    for (const command of decision.commands) {
      await carryOut(input, state, command, mailbox);
    }
  }
  mailbox.take();
  await condition(allHandlersFinished);
  return { outcome: state.phase.outcome, attempts: state.attempts, closedAtMs: Date.now() };
}

/**
 * A life that began under newer logic than this worker's: the task fails and is tried again until a newer worker takes it.
 * Going on would carry out other commands than those on record.
 */
function understood(fact: ContactFact): ContactFact {
  if (fact.type === 'ContactOpened' && (fact.logicVersion ?? 1) > LOGIC_VERSION) {
    throw new Error(`this worker knows version ${LOGIC_VERSION} of the logic: deploy the newer build again`);
  }
  return fact;
}

/** Set before the first await: a signal that arrives sooner is buffered, but a query would fail. */
function setHandlers(mailbox: Mailbox<ContactFact>, current: () => ContactState): void {
  const view = (): contract.ContactView => {
    const { nextAtMs, ...note } = noteOf(current());
    return { ...note, nextWakeAtMs: nextAtMs };
  };
  const answer = async (fact: ContactFact): Promise<contract.ContactView> => {
    await mailbox.whenTaken(mailbox.put(fact));
    return view();
  };
  const validator = (_request: unknown): void => {
    if (current().phase.kind !== 'closed') return;
    throw ApplicationFailure.nonRetryable(
      'El contacto ya está cerrado (the contact is closed)',
      'ContactClosed',
    );
  };
  setHandler(contract.lineGrantedSignal, (grant) => void mailbox.put({ type: 'LineGranted', ...grant }));
  setHandler(contract.lineSuspendedSignal, (line) => void mailbox.put({ type: 'LineSuspended', ...line }));
  setHandler(contract.callEndedSignal, (call) => void mailbox.put({ type: 'CallEnded', ...call }));
  setHandler(contract.batchCancelledSignal, () => void mailbox.put({ type: 'BatchCancelled' }));
  setPaymentHandlers(mailbox);
  setHandler(
    contract.rescheduleAgreedSignal,
    (agreed) => void mailbox.put({ type: 'RescheduleRequested', ...agreed }),
  );
  setHandler(
    contract.rescheduleWishedSignal,
    (wish) => void mailbox.put({ type: 'RescheduleWished', ...wish }),
  );
  setHandler(contract.rescheduleUpdate, (agreed) => answer({ type: 'RescheduleRequested', ...agreed }), {
    validator,
  });
  setHandler(contract.pauseUpdate, async () => answer({ type: 'PauseRequested' }), { validator });
  setHandler(contract.resumeUpdate, async () => answer({ type: 'ResumeRequested' }), { validator });
  setHandler(contract.cancelUpdate, async () => answer({ type: 'CancelRequested' }), { validator });
  setHandler(contract.viewQuery, view);
}

/** What becomes of the person's debts and of what a colleague was asked. */
function setPaymentHandlers(mailbox: Mailbox<ContactFact>): void {
  setHandler(
    contract.paymentRecordedSignal,
    (news) => void mailbox.put({ type: 'PaymentRecorded', ...news }),
  );
  setHandler(
    contract.paymentReversedSignal,
    (news) => void mailbox.put({ type: 'PaymentReversed', ...news }),
  );
  setHandler(contract.taskResolvedSignal, (task) => void mailbox.put({ type: 'TaskResolved', ...task }));
  setHandler(contract.contactStoppedSignal, (stop) => void mailbox.put({ type: 'ContactStopped', ...stop }));
}

/** Keeps the Temporal UI readable. Search attributes cost an event each: only what an operator filters by. */
function show(before: ContactState, after: ContactState): void {
  setCurrentDetails(describe(after));
  const [was, is] = [listState(before), listState(after)];
  if (was !== is && [was, is].some((name) => filtered.includes(name))) {
    upsertSearchAttributes([{ key: stateAttribute, value: is }]);
  }
}
