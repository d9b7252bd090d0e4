/**
 * How long the product waits for the provider's word about a dial and a call. The values below are the only ones in
 * use; a test on the real clock, whose provider's calls last milliseconds, hands in shorter ones.
 */
export interface CallTiming {
  /**
   * From the gate to the last instant at which a POST may leave. Shorter than the dial activity's start-to-close
   * time-out, so that a contact never gives an answer up while a live worker may still dial.
   */
  readonly dialWindowMs: number;
  /** The first look at a dial that nobody reported on: after its POST can no longer leave. */
  readonly firstCheckMs: number;
  /** From the loss of a dial's answer to the first question to the provider; each pause after it doubles. */
  readonly unknownCheckMs: number;
  /** As long as a person would wait for a call that may be theirs: a provider that is slow to list it is slow by seconds. */
  readonly longestUnknownCheckMs: number;
  /** Ring and longest call are sent to the provider as the policy says, and expected to last so much of it. */
  readonly callScale: number;
  /** A call that the provider still has open this long after it could have lasted is hung up, then given up. */
  readonly giveUpAfterMs: number;
  /** How long a connected call waits for the provider's analysis before its contact goes on without it. */
  readonly analysisPatienceMs: number;
  readonly nextCheckMs: number;
  /** A call that still runs is asked about this often when no webhook comes. */
  readonly runningCheckMs: number;
  /** What is known later than this after the call's end changes nothing for anybody. */
  readonly lateMs: number;
  readonly lateCheckMs: number;
  /** The sweeper's pause when nothing is due. */
  readonly sweepIdleMs: number;
  /** A check that failed, or whose sweeper died, is repeated after this. */
  readonly sweepAgainMs: number;
}

const dialWindowMs = 10_000;

export const callTiming: CallTiming = {
  dialWindowMs,
  firstCheckMs: dialWindowMs + 15_000,
  unknownCheckMs: 5_000,
  longestUnknownCheckMs: 60_000,
  callScale: 1,
  giveUpAfterMs: 120_000,
  analysisPatienceMs: 60_000,
  nextCheckMs: 10_000,
  runningCheckMs: 30_000,
  lateMs: 3_600_000,
  lateCheckMs: 300_000,
  sweepIdleMs: 1_000,
  sweepAgainMs: 30_000,
};
