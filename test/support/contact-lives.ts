import fc from 'fast-check';
import { LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import { messageId } from '../../workflows/contact/rules/message-id.ts';
import { decide } from '../../workflows/contact/decide.ts';
import { CALL_OUTCOMES } from '../../domain/contacts/rules/outcomes.ts';
import type { AgreementRef, ContactFact } from '../../domain/contacts/rules/facts.ts';
import { type ContactState, initialState, type Phase } from '../../workflows/contact/state.ts';
import { dayMs, debtRules, eventOf, hourMs, waveSlots } from './contact-events.ts';

/** A step of the world: how much time passes, and what happens, in terms of whatever the contact is doing. */
export interface Step {
  readonly passMs: number;
  readonly kind: string;
  readonly pick: number;
}

const kinds = [
  'grant',
  'stale grant',
  'suspend',
  'placed',
  'refused',
  'rejected',
  'unknown',
  'found',
  'lost again',
  'absent',
  'ended',
  'stale end',
  'reschedule',
  'pause',
  'resume',
  'cancel',
  'deadline',
  'plan',
  'agreed',
  'payment',
  'reversal',
  'checked',
  'link',
  'task',
  'stop',
  'wish',
];

export const steps = fc.array(
  fc.record({
    passMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3 * hourMs }),
      fc.integer({ min: 0, max: 2 * dayMs }),
    ),
    // A life that is only chance ends before it has begun: what carries it on comes more often.
    kind: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('grant', 'deadline', 'agreed', 'checked', 'ended') },
      { weight: 2, arbitrary: fc.constantFrom(...kinds) },
    ),
    pick: fc.nat(1000),
  }),
  { minLength: 5, maxLength: 120 },
);

const refusals = [
  'line_lost',
  'daily_limit',
  'outside_window',
  'cool_down',
  'batch_paused',
  'phone_invalid',
] as const;
const rejections = ['rate_limited', 'no_provider_credit', 'bad_request', 'unauthorised'] as const;

function choose<T>(list: readonly T[], pick: number): T {
  const item = list[pick % list.length];
  if (item === undefined) throw new Error('empty list');
  return item;
}

/** What can happen next. Facts about other attempts and requests are among them: the world repeats itself. */
function factOf(state: ContactState, { kind, pick }: Step, atMs: number): ContactFact {
  const { phase } = state;
  const requestId = phase.kind === 'waiting' ? phase.requestId : `k1:1:${pick % 5}`;
  const attemptId = 'attemptId' in phase ? phase.attemptId : `lease-k1:1:${pick % 5}`;
  const outcome = choose(CALL_OUTCOMES, pick);
  const human = ['promise', 'answered', 'refused', 'do_not_call'].includes(outcome);
  const end = { outcome, human, rang: !['technical', 'invalid_destination'].includes(outcome) };
  const day = Math.floor(atMs / dayMs) + (pick % 3);
  switch (kind) {
    case 'grant':
      return { type: 'LineGranted', requestId, leaseId: `lease-${requestId}` };
    case 'stale grant':
      return { type: 'LineGranted', requestId: 'k1:1:0', leaseId: 'lease-old' };
    case 'suspend':
      return { type: 'LineSuspended', requestId };
    case 'placed':
      return { type: 'DialPlaced', attemptId };
    case 'refused':
      return {
        type: 'DialRefused',
        attemptId,
        reason: choose(refusals, pick),
        notBeforeMs: pick % 2 ? atMs + dayMs : null,
      };
    case 'rejected':
      return { type: 'DialRejected', attemptId, reason: choose(rejections, pick) };
    case 'unknown':
      return { type: 'DialOutcomeUnknown', attemptId };
    case 'found':
      return { type: 'CallFound', attemptId };
    case 'lost again':
      return { type: 'CommandFailed', command: 'RecoverDial' };
    case 'absent':
      return { type: 'CallAbsent', attemptId, dialled: pick % 2 === 0 };
    case 'ended':
      return { type: 'CallEnded', attemptId, ...end };
    case 'stale end':
      return { type: 'CallEnded', attemptId: 'lease-old', ...end };
    case 'reschedule':
      return {
        type: 'RescheduleRequested',
        slot: {
          key: `agreed-${day}-${pick}`,
          opensAtMs: Math.max(atMs, day * dayMs + 10 * hourMs),
          closesAtMs: Math.max(atMs, day * dayMs + 10 * hourMs) + 8 * hourMs,
          localDay: `d${day}`,
          label: 'acordada',
        },
      };
    case 'pause':
      return { type: 'PauseRequested' };
    case 'resume':
      return { type: 'ResumeRequested' };
    case 'cancel':
      return { type: 'CancelRequested' };
    case 'agreed':
      return {
        type: 'CallEnded',
        attemptId,
        outcome: 'promise',
        human: true,
        rang: true,
        agreement: agreementOf(pick, atMs),
      };
    case 'payment':
      return { type: 'PaymentRecorded', paymentId: `pay-${pick % 20}`, settled: pick % 5 === 0 };
    case 'reversal':
      return { type: 'PaymentReversed', paymentId: `pay-${pick % 20}` };
    case 'checked': {
      const result = choose(checks, pick);
      const agreementId = state.agreement?.agreementId ?? 'agreement-old';
      const next = result === 'open' ? agreementOf(pick, atMs, agreementId) : null;
      return { type: 'AgreementChecked', agreementId, result, next };
    }
    case 'link':
      return {
        type: 'LinkAnswered',
        agreementId: state.agreement?.agreementId ?? 'agreement-old',
        result: choose(['sent', 'refused', 'failed', 'unknown'], pick),
        notBeforeMs: pick % 2 === 0 ? atMs + hourMs : null,
      };
    case 'task':
      return { type: 'TaskResolved', taskId: 't', resolution: choose(['paid', 'resume', 'close'], pick) };
    case 'stop':
      return { type: 'ContactStopped', reason: choose(['do_not_call', 'legal', 'removed'], pick) };
    case 'wish':
      return {
        type: 'RescheduleWished',
        requestId: `w-${pick % 30}`,
        wish: { date: '2027-03-09', time: '10:00' },
      };
    case 'plan':
      return { type: 'SlotsPlanned', slots: waveSlots(3, Math.floor(plannedFrom(phase, atMs) / dayMs)) };
    default:
      return { type: 'DeadlineReached' };
  }
}

/** From where slots were asked for: what comes back begins there. */
function plannedFrom(phase: Phase, atMs: number): number {
  return phase.kind === 'planning' ? Math.max(atMs, phase.notBeforeMs) : atMs;
}

const checks = ['settled', 'kept', 'open', 'partly_paid', 'broken', 'gone'] as const;

function agreementOf(pick: number, atMs: number, agreementId = `agreement-${pick}`): AgreementRef {
  const checkAtMs = atMs + (1 + (pick % 9)) * dayMs;
  return { agreementId, checkAtMs, linkAtMs: pick % 4 === 0 ? null : atMs, label: 'día' };
}

export interface Trace {
  readonly atMs: number;
  readonly before: ContactState;
  readonly after: ContactState;
  readonly fact: ContactFact;
  readonly commands: ReturnType<typeof decide>['commands'];
}

/** A life: whatever happens, in any order. */
export function live(story: readonly Step[], rules = debtRules): readonly Trace[] {
  let state = initialState('k1', 1);
  let atMs = 0;
  const trace: Trace[] = [];
  const handled = new Set<string>();
  const tell = (fact: ContactFact): void => {
    const id = messageId(fact);
    if (id !== null && handled.has(id)) return;
    if (id !== null) handled.add(id);
    const before = state;
    const { state: after, commands } = decide(before, eventOf(fact, atMs));
    state = after;
    trace.push({ atMs, before, after, fact, commands });
  };
  tell({
    type: 'ContactOpened',
    logicVersion: LOGIC_VERSION,
    rules,
    phones: [
      { phoneId: 'p1', usable: true },
      { phoneId: 'p2', usable: true },
    ],
    slots: waveSlots(4),
  });
  for (const step of story) {
    atMs += step.passMs;
    tell(factOf(state, step, atMs));
  }
  return trace;
}
