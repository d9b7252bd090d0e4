import type { CallEnded, ContactEvent, EventOf } from '../contacts/rules/facts.ts';
import type { ContactCommand } from '../../workflows/contact/commands.ts';
import { decide } from '../../workflows/contact/decide.ts';
import { initialState, type ContactState } from '../../workflows/contact/state.ts';
import { LOGIC_VERSION } from '../contacts/rules/logic-version.ts';
import { dialsPerDayOf } from '../policy/rules/limits.ts';
import { simulateCall } from '../rehearsal/rules/person.ts';
import { ZoneCalendar } from './calendar.ts';
import { conclude, type ForecastAgreement } from './conclude.ts';
import { Agenda } from './agenda.ts';
import { Lines } from './lines.ts';
import { dialled, gateOf, isPlain, type PastDial } from './law.ts';
import { RulesByStage } from './rules.ts';
import type { Forecast, ForecastCall, ForecastContact, ForecastInput, ForecastLife } from './types.ts';

/** One contact while it lives. */
interface Life {
  readonly index: number;
  readonly contact: ForecastContact;
  readonly calendar: ZoneCalendar;
  state: ContactState;
  readonly calls: ForecastCall[];
  /** The request that stands in the queue. */
  requestId: string | null;
  agreement: ForecastAgreement | null;
  owedMicros: bigint;
  readonly past: PastDial[];
  openedAtMs: number | null;
  closedAtMs: number | null;
}

type Happening =
  | { readonly kind: 'open'; readonly life: Life }
  | { readonly kind: 'turn'; readonly life: Life; readonly requestId: string; readonly priority: 0 | 1 }
  | { readonly kind: 'deadline'; readonly life: Life }
  | { readonly kind: 'end'; readonly life: Life; readonly end: EndOfCall }
  | { readonly kind: 'payment'; readonly life: Life; readonly amountMicros: bigint }
  | { readonly kind: 'morning' };

interface EndOfCall {
  readonly call: ForecastCall;
  readonly ended: CallEnded;
  readonly agreement: ForecastAgreement | null;
}

const dayMs = 86_400_000;

/** Lives a whole batch by `decide` alone: lines, call times and people instead of a server, and no clock but its own. */
export function forecast(input: ForecastInput, decideBy: typeof decide = decide): Forecast {
  return new Run(input, decideBy).live();
}

class Run {
  readonly #input: ForecastInput;
  readonly #decideBy: typeof decide;
  readonly #limit: { readonly isPlain: boolean; readonly perDay: number };
  readonly #agenda = new Agenda<Happening>();
  readonly #lines: Lines<Life>;
  readonly #calendars = new Map<string, ZoneCalendar>();
  readonly #rules: RulesByStage;
  readonly #refusals: Record<string, number> = {};
  readonly #lives: readonly Life[];
  readonly #events: { readonly life: Life; readonly event: ContactEvent }[] = [];
  #isDeciding = false;
  #nextPlanned = 0;
  #open = 0;
  #nowMs: number;
  #decisions = 0;
  #recoveredMicros = 0n;

  constructor(input: ForecastInput, decideBy: typeof decide) {
    this.#input = input;
    this.#decideBy = decideBy;
    this.#rules = new RulesByStage(input);
    this.#lines = new Lines(input.lines);
    this.#nowMs = input.startMs;
    const perDay = Math.min(
      input.policy.callsPerDay,
      dialsPerDayOf(input.pack, 'person') ?? Infinity,
      dialsPerDayOf(input.pack, 'phone') ?? Infinity,
    );
    this.#limit = { isPlain: isPlain(input.pack), perDay };
    this.#lives = input.contacts.map((contact, index) => ({
      index,
      contact,
      calendar: this.#calendarOf(contact),
      state: initialState(`c${index}`, 1),
      calls: [],
      requestId: null,
      agreement: null,
      owedMicros: contact.owedMicros,
      past: [],
      openedAtMs: null,
      closedAtMs: null,
    }));
  }

  live(): Forecast {
    this.#agenda.put(this.#nowMs, { kind: 'morning' });
    for (;;) {
      const next = this.#agenda.take();
      if (next === undefined || next.atMs > this.#input.untilMs) break;
      this.#nowMs = next.atMs;
      this.#happen(next.item);
    }
    const lives = this.#lives.map((life): ForecastLife => ({
      calls: life.calls,
      outcome: life.state.phase.kind === 'closed' ? life.state.phase.outcome : null,
      openedAtMs: life.openedAtMs,
      closedAtMs: life.closedAtMs,
    }));
    return {
      lives,
      peakLines: this.#lines.peak,
      refusals: this.#refusals,
      recoveredMicros: this.#recoveredMicros,
      decisions: this.#decisions,
    };
  }

  #calendarOf({ zones }: ForecastContact): ZoneCalendar {
    const key = zones.join(' ');
    const known = this.#calendars.get(key);
    if (known !== undefined) return known;
    const made = new ZoneCalendar(this.#input.policy, this.#input.pack, zones, this.#input.startMs);
    this.#calendars.set(key, made);
    return made;
  }

  #happen(item: Happening): void {
    switch (item.kind) {
      case 'morning':
        return this.#fillGroup();
      case 'open':
        return this.#openContact(item.life);
      case 'turn':
        return this.#turnCame(item);
      case 'deadline':
        return this.#tell(item.life, { type: 'DeadlineReached', atMs: this.#nowMs });
      case 'end':
        return this.#callEnded(item.life, item.end);
      case 'payment':
        return this.#paid(item.life, item.amountMicros);
      default: {
        const unreachable: never = item;
        return unreachable;
      }
    }
  }

  /** The free places of the day's group. */
  #fillGroup(): void {
    const places = this.#input.groupSize - this.#open;
    for (let place = 0; place < places && this.#nextPlanned < this.#lives.length; place += 1) {
      const life = this.#lives[this.#nextPlanned];
      this.#nextPlanned += 1;
      if (life === undefined) break;
      this.#open += 1;
      this.#agenda.put(this.#nowMs, { kind: 'open', life });
    }
    if (this.#nextPlanned < this.#lives.length) this.#agenda.put(this.#nowMs + dayMs, { kind: 'morning' });
  }

  #openContact(life: Life): void {
    const atMs = this.#nowMs;
    life.openedAtMs = atMs;
    const { localDay } = life.calendar.local(atMs);
    this.#tell(life, {
      type: 'ContactOpened',
      atMs,
      logicVersion: LOGIC_VERSION,
      rules: this.#rules.of(life.contact, localDay, atMs),
      phones: life.contact.phones.map((phoneId) => ({ phoneId, usable: true })),
      slots: life.calendar.slots(atMs, atMs),
    });
  }

  #turnCame({ life, requestId, priority }: Extract<Happening, { kind: 'turn' }>): void {
    if (life.requestId !== requestId) return;
    if (this.#lines.take()) return this.#grant(life, requestId);
    this.#lines.wait(priority, life);
    // Nobody else wakes a contact whose turn passes without a line.
    if (life.state.nextWakeAtMs !== null)
      this.#agenda.put(life.state.nextWakeAtMs, { kind: 'deadline', life });
  }

  #grant(life: Life, requestId: string): void {
    life.requestId = null;
    this.#tell(life, { type: 'LineGranted', atMs: this.#nowMs, requestId, leaseId: `${requestId}:lease` });
  }

  #freeLine(): void {
    const next = this.#lines.free((life) => this.#isReady(life));
    const phase = next?.state.phase;
    if (next === undefined || phase?.kind !== 'waiting') return;
    this.#lines.take();
    this.#grant(next, phase.requestId);
  }

  /** False for a leftover: its turn has passed, it has been withdrawn, or it waits for a later one. */
  #isReady({ state, requestId }: Life): boolean {
    const { phase } = state;
    return (
      phase.kind === 'waiting' &&
      phase.requestId === requestId &&
      phase.eligibleAtMs <= this.#nowMs &&
      phase.slot.closesAtMs > this.#nowMs
    );
  }

  /** Events are worked on one after the other, as a contact's mailbox has them. */
  #tell(life: Life, event: ContactEvent): void {
    if (this.#isDeciding) {
      this.#events.push({ life, event });
      return;
    }
    this.#isDeciding = true;
    this.#decide(life, event);
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      this.#decide(next.life, next.event);
    }
    this.#isDeciding = false;
  }

  #decide(life: Life, event: ContactEvent): void {
    if (life.state.phase.kind === 'closed') return;
    const { state, commands } = this.#decideBy(life.state, event);
    this.#decisions += 1;
    life.state = state;
    for (const command of commands) this.#carryOut(life, command);
    const { phase, nextWakeAtMs } = life.state;
    if ((phase.kind === 'following' || phase.kind === 'verifying') && nextWakeAtMs !== null) {
      this.#agenda.put(Math.max(nextWakeAtMs, this.#nowMs), { kind: 'deadline', life });
    }
  }

  #carryOut(life: Life, command: ContactCommand): void {
    switch (command.type) {
      case 'PlanSlots': {
        const slots = life.calendar.slots(command.fromMs, life.openedAtMs ?? command.fromMs);
        return this.#tell(life, { type: 'SlotsPlanned', atMs: this.#nowMs, slots });
      }
      case 'RequestLine': {
        if (command.missedRequestId !== null) this.#count('no_line');
        const { requestId, priority } = command;
        life.requestId = requestId;
        return this.#agenda.put(Math.max(command.eligibleAtMs, this.#nowMs), {
          kind: 'turn',
          life,
          requestId,
          priority,
        });
      }
      case 'Dial':
        return this.#dial(life, command);
      case 'SendPaymentLink': {
        const { agreementId } = command;
        const atMs = this.#nowMs;
        return this.#tell(life, {
          type: 'LinkAnswered',
          atMs,
          agreementId,
          result: 'sent',
          notBeforeMs: null,
        });
      }
      case 'CheckAgreement':
        return this.#checkAgreement(life, command.agreementId);
      case 'HoldContact':
        life.requestId = null;
        return;
      case 'CloseContact':
        life.requestId = null;
        life.closedAtMs = this.#nowMs;
        this.#open -= 1;
        return;
      case 'OpenContact':
      case 'RecoverDial':
      case 'ResolveWish':
      case 'NoteLapsed':
        return;
      default: {
        const unreachable: never = command;
        return unreachable;
      }
    }
  }

  #count(reason: string): void {
    this.#refusals[reason] = (this.#refusals[reason] ?? 0) + 1;
  }

  #dial(life: Life, dial: Extract<ContactCommand, { type: 'Dial' }>): void {
    const { attemptId, slot, rescheduled } = dial;
    const atMs = this.#nowMs;
    const { localDay, hour } = life.calendar.local(atMs);
    const phone = dial.phoneId;
    const verdict = gateOf(
      this.#input,
      life.contact,
      life.past,
      { atMs, localDay, phone, rescheduled },
      this.#limit,
    );
    if (!verdict.allowed) {
      const { reason, notBeforeMs = null } = verdict;
      this.#count(reason);
      this.#tell(life, { type: 'DialRefused', atMs, attemptId, reason, notBeforeMs });
      return this.#freeLine();
    }
    const { ringMs } = this.#input.policy;
    const end = simulateCall(this.#input.people, {
      person: phone,
      number: dial.number,
      localHour: hour,
      ringMs,
    });
    const endsAtMs = atMs + end.ringMs + end.talkMs;
    const { owedMicros } = life;
    const concluded = conclude(this.#input, life.contact, life.calendar, {
      attemptId,
      end,
      atMs: endsAtMs,
      owedMicros,
    });
    const { ended, agreement = null, payment } = concluded;
    const call: ForecastCall = {
      atMs,
      waveKey: slot.key,
      localDay,
      phone,
      outcome: ended.outcome,
      human: ended.human,
      seconds: (end.ringMs + end.talkMs) / 1_000,
      billableSeconds: Math.ceil(end.talkMs / 1_000),
    };
    const { reason } = end;
    const { rang, human } = ended;
    life.past.push(dialled({ atMs, endedAtMs: endsAtMs, localDay, phone, reason, rang, human }));
    this.#tell(life, { type: 'DialPlaced', atMs, attemptId });
    this.#agenda.put(endsAtMs, { kind: 'end', life, end: { call, ended, agreement } });
    if (payment !== undefined) {
      this.#agenda.put(payment.atMs, { kind: 'payment', life, amountMicros: payment.amountMicros });
    }
  }

  #callEnded(life: Life, { call, ended, agreement }: EndOfCall): void {
    life.calls.push(call);
    if (agreement !== null) life.agreement = agreement;
    this.#tell(life, { type: 'CallEnded', atMs: this.#nowMs, ...ended });
    this.#freeLine();
  }

  #paid(life: Life, amountMicros: bigint): void {
    const paid = amountMicros < life.owedMicros ? amountMicros : life.owedMicros;
    life.owedMicros -= paid;
    this.#recoveredMicros += paid;
    if (life.agreement !== null) {
      life.agreement = { ...life.agreement, paidMicros: life.agreement.paidMicros + amountMicros };
    }
    const settled = life.owedMicros === 0n;
    const paymentId = `${life.index}:${this.#nowMs}`;
    this.#tell(life, { type: 'PaymentRecorded', atMs: this.#nowMs, paymentId, settled });
  }

  #checkAgreement(life: Life, agreementId: string): void {
    const { agreement } = life;
    const answer = (result: EventOf<'AgreementChecked'>['result']): void => {
      if (result !== 'open') life.agreement = null;
      const open = life.state.agreement;
      this.#tell(life, {
        type: 'AgreementChecked',
        atMs: this.#nowMs,
        agreementId,
        result,
        next: result === 'open' ? open : null,
      });
    };
    if (agreement === null || agreement.agreementId !== agreementId) return answer('gone');
    if (life.owedMicros === 0n) return answer('settled');
    if (agreement.paidMicros >= agreement.totalMicros) return answer('kept');
    if (agreement.checkAtMs > this.#nowMs) return answer('open');
    return answer(agreement.paidMicros > 0n ? 'partly_paid' : 'broken');
  }
}
