/**
 * How debts are negotiated: stages by delinquency, each with what may be offered and what follows when an agreement is
 * not kept. Data, versioned like policies: a batch keeps the version that it was made with.
 */
export interface Negotiation {
  readonly key: string;
  readonly version: number;
  readonly title: string;
  /**
   * Amounts and creditor are no variables of the call: the agent asks for them by a signed function after the person has
   * said who they are. Off only by an operator's own negotiation.
   */
  readonly identityFirst: boolean;
  /** In order; the first that fits is taken, and the last one fits whatever is left. */
  readonly stages: readonly [Stage, ...Stage[]];
}

export interface Stage {
  /** 'early', 'mid', 'late', or the operator's own word. */
  readonly key: string;
  readonly title: string;
  /** Days since the oldest due date, inclusive on both ends; null: no end. */
  readonly fromDays: number;
  readonly toDays: number | null;
  /** What the person owes in all, in micro-units of the debt's currency, inclusive; null: no end. */
  readonly fromMicros: number;
  readonly toMicros: number | null;
  readonly script: string;
  /** The provider's agent; null: the pool's own. */
  readonly agentId: string | null;
  readonly offers: Offers;
  /** What an agreement that was not kept leads to. */
  readonly broken: {
    readonly then: 'call_again' | 'hand_over' | 'close';
    /** From this many broken agreements on, a person takes over whatever `then` says. */
    readonly handOverAt: number;
  };
  /** What a refusal to pay, or a talk without a commitment, leads to. */
  readonly refusal: { readonly then: 'close' | 'call_again'; readonly pauseDays: number };
  /** How long "I have paid" waits for the payment before calls go on. */
  readonly verificationDays: number;
  /** Days that a transfer may take after the promised day. */
  readonly graceDays: number;
  /** From this debt on, a person closes the negotiation: an agreement is recorded and a task is opened. Null: never. */
  readonly handOverFromMicros: number | null;
}

export interface Offers {
  /** Discounts on the whole debt, in per cent, in the order in which they may be offered; empty: none. */
  readonly discountLadder: readonly number[];
  /** The least that settles the debt, in per cent of it. An offer below it is refused, whatever the agent says. */
  readonly floorPercent: number;
  /** Null: no instalments. */
  readonly instalments: {
    readonly min: number;
    readonly max: number;
    /** The least of one instalment, micro-units of the debt's currency. */
    readonly minMicros: number;
    /** Days between two of them, at most. */
    readonly longestGapDays: number;
  } | null;
  /** Days from the call's local day to the promised (or first) day, at most. */
  readonly longestPromiseDays: number;
  /** The least that a promise of a part may be, in per cent of the debt. */
  readonly leastPartPercent: number;
}

/** What was agreed, ready to be recorded. */
export interface AgreementTerms {
  readonly kind: 'promise' | 'plan';
  readonly totalMicros: bigint;
  /** Forgiven once everything is paid; 0 when nothing is. */
  readonly discountMicros: bigint;
  readonly currency: string;
  /** In order of their days; a promise has one. */
  readonly instalments: readonly { readonly dueDate: string; readonly amountMicros: bigint }[];
}
