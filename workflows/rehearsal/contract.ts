export interface RehearsalView {
  readonly started: number;
  readonly closed: number;
}

export interface RehearsalResult {
  readonly contacts: number;
  /** Instant of the rehearsal's own clock at which the last contact closed. */
  readonly endedAtMs: number;
}
