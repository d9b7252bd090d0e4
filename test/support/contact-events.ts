import type { Slot } from '../../domain/policy/rules/slot.ts';
import { decide } from '../../workflows/contact/decide.ts';
import type { ContactCommand } from '../../workflows/contact/commands.ts';
import type { ContactEvent, ContactFact } from '../../domain/contacts/rules/facts.ts';
import { LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import { messageId } from '../../workflows/contact/rules/message-id.ts';
import type { Decision } from '../../workflows/contact/next-step.ts';
import type { ContactRules, FollowUpRules } from '../../domain/contacts/rules/contact-rules.ts';
import { type ContactState, initialState } from '../../workflows/contact/state.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const waveRules: ContactRules = {
  mode: 'waves',
  maxAttempts: 9,
  callsPerDay: 3,
  silentDaysToExclude: 3,
  noAnswerRetryMs: 60 * minuteMs,
  technicalRetryMs: 30 * minuteMs,
  expiresAtMs: 30 * dayMs,
};

/** What a stage says of agreements, in round numbers. */
export const followUp: FollowUpRules = {
  brokenThen: 'call_again',
  handOverAt: 2,
  refusalThen: 'call_again',
  refusalPauseMs: 7 * dayMs,
  verificationMs: 3 * dayMs,
  afterAgreementMs: 30 * dayMs,
};

/** Rules of a batch that negotiates. */
export const debtRules: ContactRules = { ...waveRules, followUp };

/** Three waves a day from day `firstDay`, in round numbers: day 0 begins at 0. */
export function waveSlots(days: number, firstDay = 0): readonly Slot[] {
  return Array.from({ length: days }, (_, index) => firstDay + index).flatMap((day) =>
    [9, 12, 15].map((hour) => ({
      key: `d${day}/${hour}`,
      opensAtMs: day * dayMs + hour * hourMs,
      closesAtMs: day * dayMs + hour * hourMs + 90 * minuteMs,
      localDay: `d${day}`,
      label: `ola ${hour}:00 del día ${day}`,
    })),
  );
}

/** Runs facts through `decide`, one after the other. */
export class Story {
  state: ContactState = initialState('k1', 1);
  atMs = 0;
  readonly commands: ContactCommand[] = [];
  /** As the shell remembers them. */
  readonly #handled = new Set<string>();

  /** Carries one fact to `decide` at the story's clock, or at `atMs` if that is later. */
  tell(fact: ContactFact, atMs = this.atMs): Decision {
    this.atMs = Math.max(this.atMs, atMs);
    const id = messageId(fact);
    if (id !== null && this.#handled.has(id)) return { state: this.state, commands: [] };
    if (id !== null) this.#handled.add(id);
    const decision = decide(this.state, eventOf(fact, this.atMs));
    this.state = decision.state;
    this.commands.push(...decision.commands);
    return decision;
  }

  /** A contact that negotiates, of the newest logic or an older one. */
  openDebt(
    rules: ContactRules = debtRules,
    slots: readonly Slot[] = waveSlots(12),
    logicVersion = LOGIC_VERSION,
  ): Decision {
    const phones = [{ phoneId: 'p1', usable: true }];
    return this.tell({ type: 'ContactOpened', logicVersion, rules, phones, slots });
  }

  open(rules: ContactRules = waveRules, phones = 2, slots: readonly Slot[] = waveSlots(4)): Decision {
    const list = Array.from({ length: phones }, (_, index) => ({ phoneId: `p${index + 1}`, usable: true }));
    return this.tell({
      type: 'ContactOpened',
      logicVersion: LOGIC_VERSION,
      rules,
      phones: list,
      slots,
    });
  }

  /** Grants the line that is waited for, when its turn comes. */
  grant(): Decision {
    const { phase } = this.state;
    if (phase.kind !== 'waiting') throw new Error(`no line is waited for: ${phase.kind}`);
    const { requestId, eligibleAtMs } = phase;
    return this.tell({ type: 'LineGranted', requestId, leaseId: `lease-${requestId}` }, eligibleAtMs);
  }

  get attemptId(): string {
    const { phase } = this.state;
    if ('attemptId' in phase) return phase.attemptId;
    throw new Error(`no dial is under way: ${phase.kind}`);
  }

  /** Grant, dial, and the end of the call after `lastsMs`. */
  call(
    end: Omit<Extract<ContactFact, { type: 'CallEnded' }>, 'type' | 'attemptId'>,
    lastsMs = minuteMs,
  ): Decision {
    this.grant();
    const { attemptId } = this;
    this.tell({ type: 'DialPlaced', attemptId });
    return this.tell({ type: 'CallEnded', attemptId, ...end }, this.atMs + lastsMs);
  }
}

export const unanswered = { outcome: 'no_answer', rang: true, human: false } as const;
export const technical = { outcome: 'technical', rang: false, human: false } as const;

export function eventOf(fact: ContactFact, atMs: number): ContactEvent {
  return { ...fact, atMs };
}
