export interface RehearsalInput {
  /** The rehearsal's own account. */
  readonly accountId: string;
  readonly batchId: string;
  /** 'sim:<seed>:<id>'. */
  readonly realm: string;
  /** Most people that are called on one local day. */
  readonly groupSize: number;
  /** Where the first contacts' calendar begins. */
  readonly startsAtMs: number;
}

export interface RehearsalView {
  readonly started: number;
  readonly closed: number;
}

export interface RehearsalResult {
  readonly contacts: number;
  /** Instant of the rehearsal's own clock at which the last contact closed. */
  readonly endedAtMs: number;
}
