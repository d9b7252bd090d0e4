import type { PlaceCallRequest, ProviderCall } from './voice-port.ts';

/** How one simulated call goes. `durationMs` includes ringing; the workflow's clock moves on by it. */
export interface SimulatedCall {
  readonly durationMs: number;
  readonly call: ProviderCall;
  /** What the agent asks of us while it speaks: the same functions that a real one calls, each awaited in turn. */
  readonly during?: (live: LiveCall) => Promise<void>;
  /** Money that comes in because of this call: a share of what was agreed (or owed), and the instant. */
  readonly pays?: { readonly share: number; readonly atMs: number };
}

/** A simulated call that is under way. */
export interface LiveCall {
  readonly accountId: string;
  readonly attemptId: string;
  readonly providerCallId: string;
  /** The rehearsal's clock. */
  readonly atMs: number;
}

/**
 * A provider that rings nobody and needs no time: a rehearsal's. The same request always gives the same call.
 */
export interface SimulatedVoice {
  call(request: PlaceCallRequest, number: number, startsAtMs: number): SimulatedCall | Promise<SimulatedCall>;
}
