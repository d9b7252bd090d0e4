import { Fields, Malformed } from '../../shared/rules/read-value.ts';
import { REFUSAL_REASONS } from '../../policy/rules/refusal.ts';
import type { Slot } from '../../policy/rules/slot.ts';
import type { ContactRules, FollowUpRules } from './contact-rules.ts';
import {
  AGREEMENT_RESULTS,
  type AgreementRef,
  type CallEnded,
  type ContactFact,
  DIAL_REJECTIONS,
  LINK_RESULTS,
  type RescheduleWish,
  SUSPENSION_REASONS,
  TASK_RESOLUTIONS,
  WAITED_FOR,
} from './facts.ts';
import { CALL_OUTCOMES, STOP_REASONS } from './outcomes.ts';

/**
 * One parser for everything that a contact takes: signals and updates of outside systems, answers of activities of an
 * older or newer build. Throws `Malformed`. Fields that nobody reads are dropped.
 */
export function parseContactFact(raw: unknown): ContactFact {
  const fields = new Fields(raw, 'message');
  const type = fields.text('type');
  const read = parsers[type];
  if (read === undefined) throw new Malformed('message.type', 'a fact of a contact');
  return read(fields);
}

/** The end of a call, as a signal brings it or as it was stored. Throws `Malformed`. */
export function parseCallEnded(raw: unknown): CallEnded {
  return readCallEnded(new Fields(raw, 'call'));
}

const parsers: Readonly<Record<string, (fields: Fields) => ContactFact>> = {
  ContactOpened: (fields) => ({
    type: 'ContactOpened',
    logicVersion: fields.integer('logicVersion'),
    rules: fields.object('rules', readRules),
    phones: fields.list('phones', (phone) => ({
      phoneId: phone.id('phoneId'),
      usable: phone.flag('usable'),
    })),
    slots: fields.list('slots', readSlot),
    ...(fields.has('batchPaused') ? { batchPaused: fields.flag('batchPaused') } : {}),
  }),
  SlotsPlanned: (fields) => ({ type: 'SlotsPlanned', slots: fields.list('slots', readSlot) }),
  LineGranted: (fields) => ({
    type: 'LineGranted',
    requestId: fields.id('requestId'),
    leaseId: fields.id('leaseId'),
  }),
  LineSuspended: (fields) => ({
    type: 'LineSuspended',
    requestId: fields.id('requestId'),
    ...(fields.has('reason') ? { reason: fields.oneOf('reason', SUSPENSION_REASONS) } : {}),
  }),
  BatchCancelled: () => ({ type: 'BatchCancelled' }),
  BatchPaused: () => ({ type: 'BatchPaused' }),
  BatchResumed: () => ({ type: 'BatchResumed' }),
  DialPlaced: (fields) => ({ type: 'DialPlaced', attemptId: fields.id('attemptId') }),
  DialRefused: (fields) => ({
    type: 'DialRefused',
    attemptId: fields.id('attemptId'),
    reason: fields.oneOf('reason', REFUSAL_REASONS),
    notBeforeMs: fields.has('notBeforeMs') ? fields.number('notBeforeMs') : null,
    ...(fields.has('stop') ? { stop: fields.oneOf('stop', STOP_REASONS) } : {}),
  }),
  DialRejected: (fields) => ({
    type: 'DialRejected',
    attemptId: fields.id('attemptId'),
    reason: fields.oneOf('reason', DIAL_REJECTIONS),
  }),
  DialOutcomeUnknown: (fields) => ({ type: 'DialOutcomeUnknown', attemptId: fields.id('attemptId') }),
  CallFound: (fields) => ({ type: 'CallFound', attemptId: fields.id('attemptId') }),
  CallAbsent: (fields) => ({
    type: 'CallAbsent',
    attemptId: fields.id('attemptId'),
    dialled: fields.flag('dialled'),
  }),
  CallEnded: (fields) => ({ type: 'CallEnded', ...readCallEnded(fields) }),
  RescheduleRequested: (fields) => ({
    type: 'RescheduleRequested',
    slot: fields.object('slot', readSlot),
    ...(fields.has('requestId') ? { requestId: fields.id('requestId') } : {}),
  }),
  RescheduleWished: (fields) => ({
    type: 'RescheduleWished',
    requestId: fields.id('requestId'),
    wish: fields.object('wish', readWish),
  }),
  WishRefused: (fields) => ({ type: 'WishRefused', requestId: fields.id('requestId') }),
  PaymentRecorded: (fields) => ({
    type: 'PaymentRecorded',
    paymentId: fields.id('paymentId'),
    settled: fields.flag('settled'),
  }),
  PaymentReversed: (fields) => ({ type: 'PaymentReversed', paymentId: fields.id('paymentId') }),
  AgreementChecked: (fields) => ({
    type: 'AgreementChecked',
    agreementId: fields.id('agreementId'),
    result: fields.oneOf('result', AGREEMENT_RESULTS),
    next: fields.has('next') ? fields.object('next', readAgreement) : null,
  }),
  LinkAnswered: (fields) => ({
    type: 'LinkAnswered',
    agreementId: fields.id('agreementId'),
    result: fields.oneOf('result', LINK_RESULTS),
    notBeforeMs: fields.has('notBeforeMs') ? fields.number('notBeforeMs') : null,
  }),
  TaskResolved: (fields) => ({
    type: 'TaskResolved',
    taskId: fields.id('taskId'),
    resolution: fields.oneOf('resolution', TASK_RESOLUTIONS),
  }),
  ContactStopped: (fields) => ({ type: 'ContactStopped', reason: fields.oneOf('reason', STOP_REASONS) }),
  PauseRequested: () => ({ type: 'PauseRequested' }),
  ResumeRequested: () => ({ type: 'ResumeRequested' }),
  CancelRequested: () => ({ type: 'CancelRequested' }),
  CommandFailed: (fields) => ({ type: 'CommandFailed', command: fields.oneOf('command', WAITED_FOR) }),
  DeadlineReached: () => ({ type: 'DeadlineReached' }),
};

function readSlot(fields: Fields): Slot {
  return {
    key: fields.id('key'),
    opensAtMs: fields.number('opensAtMs'),
    closesAtMs: fields.number('closesAtMs'),
    localDay: fields.id('localDay'),
    label: fields.text('label'),
  };
}

function readAgreement(fields: Fields): AgreementRef {
  return {
    agreementId: fields.id('agreementId'),
    checkAtMs: fields.number('checkAtMs'),
    linkAtMs: fields.has('linkAtMs') ? fields.number('linkAtMs') : null,
    label: fields.text('label'),
  };
}

function readCallEnded(fields: Fields): CallEnded {
  return {
    attemptId: fields.id('attemptId'),
    outcome: fields.oneOf('outcome', CALL_OUTCOMES),
    rang: fields.flag('rang'),
    human: fields.flag('human'),
    ...(fields.has('agreement') ? { agreement: fields.object('agreement', readAgreement) } : {}),
    ...(fields.has('callback') ? { callback: fields.object('callback', readSlot) } : {}),
  };
}

/** What is not told is asked for: a day alone, a time alone and nothing at all are answered with a rule. */
function readWish(fields: Fields): RescheduleWish {
  return {
    ...(fields.has('date') ? { date: fields.text('date') } : {}),
    ...(fields.has('time') ? { time: fields.text('time') } : {}),
    ...(fields.has('at') ? { at: fields.text('at') } : {}),
  };
}

function readRules(fields: Fields): ContactRules {
  return {
    mode: fields.oneOf('mode', ['waves', 'ladder']),
    maxAttempts: fields.integer('maxAttempts'),
    callsPerDay: fields.integer('callsPerDay'),
    silentDaysToExclude: fields.integer('silentDaysToExclude'),
    noAnswerRetryMs: fields.number('noAnswerRetryMs'),
    technicalRetryMs: fields.number('technicalRetryMs'),
    expiresAtMs: fields.number('expiresAtMs'),
    ...(fields.has('followUp') ? { followUp: fields.object('followUp', readFollowUp) } : {}),
  };
}

function readFollowUp(fields: Fields): FollowUpRules {
  return {
    brokenThen: fields.oneOf('brokenThen', ['call_again', 'hand_over', 'close']),
    handOverAt: fields.number('handOverAt'),
    refusalThen: fields.oneOf('refusalThen', ['call_again', 'close']),
    refusalPauseMs: fields.number('refusalPauseMs'),
    verificationMs: fields.number('verificationMs'),
    afterAgreementMs: fields.number('afterAgreementMs'),
  };
}
