import type { DialerInput } from '../../workflows/dialer/contract.ts';

export interface LineActivities {
  /**
   * Grants lines for some minutes: woken by NOTIFY, else once a second; heartbeats its counts. Returns when its time
   * is up or the worker stops.
   */
  dispatchLines(input: DialerInput): Promise<{ readonly words: string }>;
}
