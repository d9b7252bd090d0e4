import { outcomeLabels } from '../../contacts/rules/labels.ts';
import type { ContactOutcome } from '../../contacts/rules/outcomes.ts';

/** What the rows say of one contact: whatever the law would allow, this is why it is called or not. */
export interface WaitingFacts {
  readonly state: 'planned' | 'waiting' | 'suspended' | 'calling' | 'negotiating' | 'paused' | 'closed';
  readonly batchState: 'running' | 'paused' | 'cancelled' | 'finished';
  readonly outcome: string | null;
  readonly closedAtMs: number | null;
  /** The row's own words. */
  readonly waitingFor: string;
  readonly nextAtMs: number | null;
  /** Its turn in the queue for a line; null: it has none. */
  readonly turn: { readonly eligibleAtMs: number; readonly deadlineAtMs: number } | null;
  /** Of one that is suspended: what does not cover a call. */
  readonly suspendedFor: 'credit' | 'budget' | null;
  readonly hasOpenAgreement: boolean;
  /** The period of the account's plan is not paid. */
  readonly isAccountSuspended: boolean;
  readonly groupSize: number;
  /** That the account has now; what others have is not told. */
  readonly linesInUse: number;
  /** Null: the account has no cap of its own. */
  readonly mostLines: number | null;
}

export interface Waiting {
  readonly code:
    | 'closed'
    | 'batch_over'
    | 'planned'
    | 'paused'
    | 'no_credit'
    | 'account_suspended'
    | 'no_budget'
    | 'wave'
    | 'line'
    | 'call'
    | 'payment'
    | 'verification'
    | 'preparing';
  readonly es: string;
  readonly en: string;
  /** When that ends by itself, as far as is known. */
  readonly untilMs: number | null;
  /** The batch is paused: whatever it waits for, nobody is called. */
  readonly batchPaused: boolean;
}

/** What this contact waits for at that instant. `local` writes an instant by the person's clock. */
export function waitingOf(facts: WaitingFacts, nowMs: number, local: (atMs: number) => string): Waiting {
  const own = ownWaiting(facts, nowMs, local);
  if (facts.batchState !== 'paused' || own.code === 'closed') return { ...own, batchPaused: false };
  const [es, en] = ['Su lote está en pausa: no se llama a nadie', 'Its batch is paused: nobody is called'];
  return {
    ...own,
    es: `${es}. Al reanudar: ${own.es}`,
    en: `${en}. When it goes on: ${own.en}`,
    batchPaused: true,
  };
}

type Own = Omit<Waiting, 'batchPaused'>;

function ownWaiting(facts: WaitingFacts, nowMs: number, local: (atMs: number) => string): Own {
  const { state, nextAtMs, groupSize, closedAtMs } = facts;
  if (state === 'closed') {
    const how = labelOf(facts.outcome);
    const when = closedAtMs === null ? '' : ` (${local(closedAtMs)})`;
    return say('closed', `terminó: ${how}${when}`, `it has ended: ${facts.outcome ?? ''}${when}`);
  }
  if (facts.batchState === 'cancelled' || facts.batchState === 'finished') {
    return say('batch_over', 'su lote ya terminó', 'its batch is over');
  }
  switch (state) {
    case 'planned':
      return say(
        'planned',
        `un lugar en el grupo del día, de ${groupSize} personas; los lugares libres se dan a las 07:00`,
        `a place in the day's group of ${groupSize}; free places are given at 07:00`,
      );
    case 'paused':
      return say(
        'paused',
        'que un operador lo reanude: está en pausa',
        'an operator who resumes it: it is paused',
      );
    case 'suspended':
      if (facts.isAccountSuspended) {
        return say(
          'account_suspended',
          'que se pague el período del plan: la cuenta está suspendida y no se llama a nadie',
          'that the period of the plan is paid: the account is suspended, and nobody is called',
        );
      }
      return facts.suspendedFor === 'budget'
        ? say(
            'no_budget',
            'un presupuesto mayor del lote: lo que queda no alcanza para una llamada',
            'a larger budget of its batch: what is left does not cover a call',
          )
        : say('no_credit', 'saldo: no alcanza para una llamada', 'balance: it does not cover a call');
    case 'calling':
      return say('call', facts.waitingFor, 'the end of a call');
    case 'negotiating':
      return negotiating(facts, nextAtMs, local);
    case 'waiting':
      return waiting(facts, nowMs, local);
    default: {
      const unreachable: never = state;
      return unreachable;
    }
  }
}

function negotiating(facts: WaitingFacts, nextAtMs: number | null, local: (atMs: number) => string): Own {
  const [es, en] =
    nextAtMs === null ? ['', ''] : [` hasta el ${local(nextAtMs)}`, ` until ${local(nextAtMs)}`];
  return facts.hasOpenAgreement
    ? say('payment', `el pago que prometió${es}`, `the payment that was promised${en}`, nextAtMs)
    : say(
        'verification',
        `que se confirme el pago que dice haber hecho${es}`,
        `that the payment they say they made is confirmed${en}`,
        nextAtMs,
      );
}

function waiting(facts: WaitingFacts, nowMs: number, local: (atMs: number) => string): Own {
  const { turn } = facts;
  if (turn === null)
    return say('preparing', 'su próximo turno: se calcula', 'its next turn: it is being planned');
  if (turn.eligibleAtMs > nowMs) {
    const at = local(turn.eligibleAtMs);
    return say(
      'wave',
      `su tanda: se llamará desde el ${at}`,
      `its wave: called from ${at} on`,
      turn.eligibleAtMs,
    );
  }
  const { linesInUse, mostLines } = facts;
  const cap = mostLines === null ? '' : ` de ${mostLines}`;
  const until = local(turn.deadlineAtMs);
  return say(
    'line',
    `una línea libre (su cuenta usa ${linesInUse}${cap}), hasta el ${until}`,
    `a free line (the account has ${linesInUse}${cap.replace('de', 'of')}), until ${until}`,
    turn.deadlineAtMs,
  );
}

function say(code: Own['code'], es: string, en: string, untilMs: number | null = null): Own {
  return { code, es, en, untilMs };
}

function labelOf(outcome: string | null): string {
  return outcome !== null && isOutcome(outcome) ? outcomeLabels[outcome] : (outcome ?? '');
}

function isOutcome(text: string): text is ContactOutcome {
  return Object.hasOwn(outcomeLabels, text);
}
