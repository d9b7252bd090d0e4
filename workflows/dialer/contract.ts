export interface DialerInput {
  readonly poolId: string;
}
