/** Who asks, for the audit row. */
export interface Caller {
  readonly accountId: string;
  readonly actor: string;
}
