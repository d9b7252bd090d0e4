/** The numbers of the batch's policy that `decide` compares with. Spans in ms. */
export interface ContactRules {
  /** `waves`: an unanswered call goes to the next slot. `ladder`: it is repeated after `noAnswerRetryMs`. */
  readonly mode: 'waves' | 'ladder';
  readonly maxAttempts: number;
  readonly callsPerDay: number;
  readonly silentDaysToExclude: number;
  readonly noAnswerRetryMs: number;
  readonly technicalRetryMs: number;
  /** A contact that is still open at this instant is closed as expired. */
  readonly expiresAtMs: number;
  /** What follows a talk about money. Absent: the use case negotiates nothing. */
  readonly followUp?: FollowUpRules;
}

/** The numbers of the negotiation's stage that `decide` compares with. Spans in ms. */
export interface FollowUpRules {
  readonly brokenThen: 'call_again' | 'hand_over' | 'close';
  /** From this many broken agreements on, a person takes over. */
  readonly handOverAt: number;
  readonly refusalThen: 'call_again' | 'close';
  readonly refusalPauseMs: number;
  /** How long "I have paid" waits for the payment. */
  readonly verificationMs: number;
  /** How long calls may go on after an agreement was due, whatever the batch's own end. */
  readonly afterAgreementMs: number;
}

export interface Phone {
  readonly phoneId: string;
  readonly usable: boolean;
}
