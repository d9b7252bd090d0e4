import { describe, expect, it } from 'vitest';
import type { AgreementRef, ContactFact } from '../../../domain/contacts/rules/facts.ts';
import {
  dayMs,
  debtRules,
  followUp,
  hourMs,
  minuteMs,
  Story,
  unanswered,
  waveSlots,
} from '../../support/contact-events.ts';

const slot = (
  key: string,
  opensAtMs: number,
): Extract<ContactFact, { type: 'RescheduleRequested' }>['slot'] => ({
  key,
  opensAtMs,
  closesAtMs: opensAtMs + hourMs,
  localDay: `d${Math.floor(opensAtMs / dayMs)}`,
  label: key,
});

const agreement: AgreementRef = { agreementId: 'a1', checkAtMs: 3 * dayMs, linkAtMs: 0, label: 'día 2' };
const promise = { outcome: 'promise', rang: true, human: true, agreement } as const;
const talked = (outcome: 'already_paid' | 'refused' | 'callback_requested' | 'dispute' | 'do_not_call') =>
  ({ outcome, rang: true, human: true }) as const;

function promised(rules = debtRules): Story {
  const story = new Story();
  story.openDebt(rules);
  story.call(promise);
  return story;
}

function checked(story: Story, result: Extract<ContactFact, { type: 'AgreementChecked' }>['result']): void {
  story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
  story.tell({ type: 'AgreementChecked', agreementId: 'a1', result, next: null });
}

describe('a promise', () => {
  it('is followed: the link goes out at once, and nobody is called before its day is over', () => {
    const story = promised();
    expect(story.state.phase.kind).toBe('following');
    expect(story.state.nextWakeAtMs).toBe(3 * dayMs);
    expect(story.commands.slice(-2).map(({ type }) => type)).toEqual(['HoldContact', 'SendPaymentLink']);
  });

  it('that is kept closes the contact; one that settles everything closes it as paid', () => {
    const kept = promised();
    checked(kept, 'kept');
    expect(kept.state.phase).toEqual({ kind: 'closed', outcome: 'promise_kept' });
    const settled = promised();
    checked(settled, 'settled');
    expect(settled.state.phase).toEqual({ kind: 'closed', outcome: 'paid' });
  });

  it('that is broken leads to a call, and the second one to a person', () => {
    const story = promised();
    checked(story, 'broken');
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd3/9' } });
    story.call({ ...promise, agreement: { ...agreement, checkAtMs: 6 * dayMs } });
    checked(story, 'broken');
    expect(story.commands.at(-1)).toMatchObject({
      type: 'CloseContact',
      outcome: 'promise_broken',
      handOver: 'broken_promise',
    });
  });

  it('that was paid in part leads on as a broken one does', () => {
    const story = promised({ ...debtRules, followUp: { ...followUp, brokenThen: 'close' } });
    checked(story, 'partly_paid');
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'promise_broken' });
  });

  it('a link in quiet hours is put off to the instant that the gate names, and dropped after the due day', () => {
    const story = promised();
    const answer = { type: 'LinkAnswered', agreementId: 'a1', result: 'refused' } as const;
    story.tell({ ...answer, notBeforeMs: dayMs + 8 * hourMs });
    expect(story.state.nextWakeAtMs).toBe(dayMs + 8 * hourMs);
    story.tell({ type: 'DeadlineReached' }, dayMs + 8 * hourMs);
    expect(story.commands.at(-1)).toEqual({ type: 'SendPaymentLink', agreementId: 'a1' });
    story.tell({ ...answer, notBeforeMs: 4 * dayMs });
    expect(story.state.nextWakeAtMs).toBe(3 * dayMs);
  });

  it('of instalments goes on with the next one, and its link goes out in its own time', () => {
    const story = promised();
    story.tell({ type: 'DeadlineReached' }, 3 * dayMs);
    const next = { ...agreement, checkAtMs: 33 * dayMs, linkAtMs: 30 * dayMs };
    story.tell({ type: 'AgreementChecked', agreementId: 'a1', result: 'open', next });
    expect(story.state).toMatchObject({ phase: { kind: 'following' }, nextWakeAtMs: 30 * dayMs });
    story.tell({ type: 'DeadlineReached' }, 30 * dayMs);
    expect(story.commands.at(-1)).toEqual({ type: 'SendPaymentLink', agreementId: 'a1' });
    expect(story.state.nextWakeAtMs).toBe(33 * dayMs);
  });

  it('made beyond the end of the batch keeps the contact open until it is due', () => {
    const story = promised({ ...debtRules, expiresAtMs: dayMs });
    checked(story, 'broken');
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd3/9' } });
  });

  it('does not stand in the way of a call that the person asked for, and is followed again after it', () => {
    const story = promised();
    story.tell({ type: 'RescheduleRequested', slot: slot('agreed', dayMs + 10 * hourMs) });
    expect(story.state.phase).toMatchObject({ kind: 'waiting', rescheduled: true });
    story.call(unanswered);
    expect(story.state.phase.kind).toBe('following');
  });

  it('is held by a pause, link and all, and followed again after it', () => {
    const story = promised();
    story.tell({ type: 'PauseRequested' });
    expect(story.state).toMatchObject({ phase: { kind: 'holding' }, nextWakeAtMs: null });
    story.tell({ type: 'ResumeRequested' }, 5 * dayMs);
    expect(story.state).toMatchObject({ phase: { kind: 'following' }, nextWakeAtMs: 3 * dayMs });
  });
});

describe('money and stops', () => {
  it('a payment of everything ends a wait at once, and a call that runs after its end', () => {
    const waiting = new Story();
    waiting.openDebt();
    waiting.tell({ type: 'PaymentRecorded', paymentId: 'p', settled: true });
    expect(waiting.state.phase).toEqual({ kind: 'closed', outcome: 'paid' });
    const calling = new Story();
    calling.openDebt();
    calling.grant();
    calling.tell({ type: 'PaymentRecorded', paymentId: 'p', settled: true });
    expect(calling.state.phase.kind).toBe('dialling');
    calling.tell({ type: 'CallEnded', attemptId: calling.attemptId, ...unanswered });
    expect(calling.state.phase).toEqual({ kind: 'closed', outcome: 'paid' });
  });

  it('a payment that is taken back while the call runs leaves the contact as it was', () => {
    const story = new Story();
    story.openDebt();
    story.grant();
    story.tell({ type: 'PaymentRecorded', paymentId: 'p', settled: true });
    story.tell({ type: 'PaymentReversed', paymentId: 'p' });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd0/12' } });
  });

  it('a part of what was promised is looked at when it comes', () => {
    const story = promised();
    story.tell({ type: 'PaymentRecorded', paymentId: 'p', settled: false });
    expect(story.commands.at(-1)).toEqual({ type: 'CheckAgreement', agreementId: 'a1' });
  });

  it('the gate finds everything paid: the contact closes as paid, without an attempt', () => {
    const story = new Story();
    story.openDebt();
    story.grant();
    story.tell({
      type: 'DialRefused',
      attemptId: story.attemptId,
      reason: 'debt_settled',
      notBeforeMs: null,
    });
    expect(story.state).toMatchObject({ attempts: 0, phase: { kind: 'closed', outcome: 'paid' } });
  });

  it('a stop from another side ends the contact, and a do-not-call of the call itself outranks it', () => {
    const story = new Story();
    story.openDebt();
    story.grant();
    story.tell({ type: 'ContactStopped', reason: 'legal' });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...talked('do_not_call') });
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'do_not_call' });
  });

  it('"I have paid" waits for the payment with a task for a person, and calls go on when nothing comes', () => {
    const story = new Story();
    story.openDebt();
    story.call(talked('already_paid'));
    expect(story.state.phase.kind).toBe('verifying');
    expect(story.commands.at(-1)).toMatchObject({ type: 'HoldContact', handOver: 'verify_payment' });
    story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd3/9' } });
  });

  it("a colleague's word ends the verification: paid, or calls go on at once", () => {
    for (const [resolution, expected] of [
      ['paid', { kind: 'closed', outcome: 'paid' }],
      ['close', { kind: 'closed', outcome: 'stopped' }],
      ['resume', { kind: 'waiting' }],
    ] as const) {
      const story = new Story();
      story.openDebt();
      story.call(talked('already_paid'));
      story.tell({ type: 'TaskResolved', taskId: 't', resolution });
      expect(story.state.phase).toMatchObject(expected);
    }
  });

  it('a dispute stops the calls and hands over to a person', () => {
    const story = new Story();
    story.openDebt();
    story.call(talked('dispute'));
    expect(story.commands.at(-1)).toMatchObject({
      type: 'CloseContact',
      outcome: 'dispute',
      handOver: 'dispute',
    });
  });

  it('a refusal waits as long as the stage says, or closes', () => {
    const again = new Story();
    again.openDebt();
    again.call(talked('refused'));
    expect(again.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd7/9' } });
    const closed = new Story();
    closed.openDebt({ ...debtRules, followUp: { ...followUp, refusalThen: 'close' } });
    closed.call(talked('refused'));
    expect(closed.state.phase).toEqual({ kind: 'closed', outcome: 'refused' });
  });

  it('a contact whose last word was a refusal ends with it, not with the calendar', () => {
    const story = new Story();
    story.openDebt({ ...debtRules, expiresAtMs: 5 * dayMs });
    story.call(talked('refused'));
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'refused' });
  });
});

describe('the call that the person asked for', () => {
  it('is made at the time that was allowed, before anything else', () => {
    const story = new Story();
    story.openDebt();
    story.call({ ...talked('callback_requested'), callback: slot('at four', 16 * hourMs) });
    expect(story.commands.at(-1)).toMatchObject({
      type: 'RequestLine',
      priority: 0,
      slot: { key: 'at four' },
    });
    story.grant();
    expect(story.commands.at(-1)).toMatchObject({ type: 'Dial', rescheduled: true });
  });

  it('without a time is the next one, and still theirs when a line or the law stood in its way', () => {
    const story = new Story();
    story.openDebt();
    story.call(talked('callback_requested'));
    expect(story.state.phase).toMatchObject({ kind: 'waiting', rescheduled: true, slot: { key: 'd0/12' } });
    story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    expect(story.state.phase).toMatchObject({ rescheduled: true, slot: { key: 'd0/15' } });
    story.grant();
    story.tell({
      type: 'DialRefused',
      attemptId: story.attemptId,
      reason: 'daily_limit',
      notBeforeMs: null,
    });
    expect(story.state.phase).toMatchObject({ rescheduled: true, slot: { key: 'd1/9' } });
    story.call(unanswered);
    expect(story.state.phase).toMatchObject({ rescheduled: false });
  });

  it('whose time passes during a pause is on record and still owed', () => {
    const story = new Story();
    story.openDebt();
    story.tell({ type: 'RescheduleRequested', slot: slot('agreed', 11 * hourMs) });
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' }, dayMs + minuteMs);
    expect(story.commands.slice(-2)).toMatchObject([
      { type: 'NoteLapsed', slotKey: 'agreed' },
      { type: 'RequestLine', priority: 0, slot: { key: 'd1/9' } },
    ]);
    story.grant();
    expect(story.commands.at(-1)).toMatchObject({ type: 'Dial', rescheduled: true });
  });

  it('that is agreed on by answer and by signal is one call', () => {
    const story = new Story();
    story.openDebt();
    const request = {
      type: 'RescheduleRequested',
      slot: slot('agreed', 11 * hourMs),
      requestId: 'r1',
    } as const;
    story.tell(request);
    story.call(unanswered);
    story.tell(request);
    expect(story.state.phase).toMatchObject({ slot: { key: 'd0/12' } });
  });

  it('wished for by a system without a calendar is looked up once', () => {
    const story = new Story();
    story.openDebt();
    const wish = {
      type: 'RescheduleWished',
      requestId: 'w1',
      wish: { date: '2027-03-09', time: '22:00' },
    } as const;
    expect(story.tell(wish).commands).toEqual([
      { type: 'ResolveWish', requestId: 'w1', wish: { date: '2027-03-09', time: '22:00' } },
    ]);
    expect(story.tell(wish).commands).toEqual([]);
  });
});

describe('at the very instant', () => {
  it('a link that may go out only when the payment is due is not sent, and one that is due with it neither', () => {
    const late = promised();
    const answer = { type: 'LinkAnswered', agreementId: 'a1', result: 'refused' } as const;
    late.tell({ ...answer, notBeforeMs: 3 * dayMs });
    expect(late.state.agreement?.linkAtMs).toBeNull();
    const both = promised();
    both.tell({ ...answer, notBeforeMs: 3 * dayMs - 1 });
    both.tell({ type: 'DeadlineReached' }, 3 * dayMs);
    expect(both.commands.at(-1)).toEqual({ type: 'CheckAgreement', agreementId: 'a1' });
  });

  it('what the law asks for outranks money that came in before it', () => {
    const story = new Story();
    story.openDebt();
    story.grant();
    story.tell({ type: 'PaymentRecorded', paymentId: 'p', settled: true });
    story.tell({ type: 'ContactStopped', reason: 'legal' });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'legal' });
  });

  it('an agreed call whose window closes with the pause has lapsed', () => {
    const story = new Story();
    story.openDebt();
    story.tell({ type: 'RescheduleRequested', slot: slot('agreed', 11 * hourMs) });
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' }, 12 * hourMs);
    expect(story.commands.some(({ type }) => type === 'NoteLapsed')).toBe(true);
  });

  it('a verification whose time is over when the pause ends is over', () => {
    const story = new Story();
    story.openDebt();
    story.call(talked('already_paid'));
    const untilMs = story.state.verifyUntilMs ?? 0;
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' }, untilMs);
    expect(story.state.phase.kind).toBe('waiting');
  });

  it.each([
    [5, 3],
    [6, 2],
  ])(
    'who asks to be called on their third day without an answer is called on the fourth (logic %i)',
    (logic, silent) => {
      const story = new Story();
      story.openDebt({ ...debtRules, maxAttempts: 100 }, waveSlots(12), logic);
      for (let call = 0; call < 8; call += 1) story.call(unanswered);
      story.call(talked('callback_requested'));
      // The day of the answer is none of silence, since version 6.
      expect(story.state.silentDays).toHaveLength(silent);
      expect(story.state.phase).toMatchObject({ kind: 'waiting', rescheduled: true, slot: { key: 'd3/9' } });
    },
  );

  it('nobody is called at the end of the batch, nor waited for in a wave that opens with it', () => {
    const ended = new Story();
    // The call ends with the batch: nine o'clock and one minute.
    ended.openDebt({ ...debtRules, expiresAtMs: 9 * hourMs + minuteMs });
    ended.call(unanswered);
    expect(ended.state.phase).toEqual({ kind: 'closed', outcome: 'expired' });
    const agreed = new Story();
    agreed.openDebt({ ...debtRules, expiresAtMs: 9 * hourMs + minuteMs });
    agreed.call({ ...talked('callback_requested'), callback: slot('at four', 16 * hourMs) });
    expect(agreed.state.phase).toEqual({ kind: 'closed', outcome: 'callback_requested' });
    const opening = new Story();
    opening.openDebt({ ...debtRules, expiresAtMs: 12 * hourMs });
    opening.call(unanswered);
    expect(opening.state.phase).toEqual({ kind: 'closed', outcome: 'expired' });
  });
});
