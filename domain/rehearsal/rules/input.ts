export interface RehearsalInput {
  /** The rehearsal's own account. */
  readonly accountId: string;
  readonly batchId: string;
  /** Most people that are called on one local day. */
  readonly groupSize: number;
  /** Where the first contacts' calendar begins. */
  readonly startsAtMs: number;
}
