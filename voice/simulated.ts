import type { PlaceCallRequest, ProviderCall } from './types.ts';

/** How one simulated call goes. `durationMs` includes ringing; the workflow's clock moves on by it. */
export interface SimulatedCall {
  readonly durationMs: number;
  readonly call: ProviderCall;
}

/** A provider that rings nobody and needs no time: a rehearsal's. The same request always gives the same call. */
export interface SimulatedVoice {
  call(request: PlaceCallRequest, number: number, startsAtMs: number): SimulatedCall;
}
