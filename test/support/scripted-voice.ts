import type { LiveCall, SimulatedVoice } from '../../domain/calls/simulated-port.ts';
import type { PlaceCallRequest, ProviderCall } from '../../domain/calls/voice-port.ts';

export interface ScriptedEnd {
  readonly reason: string;
  readonly captured?: Readonly<Record<string, string>>;
  readonly durationMs?: number;
  /** What the agent asks of us while it speaks. */
  readonly during?: (live: LiveCall) => Promise<void>;
}

export interface ScriptedVoice extends SimulatedVoice {
  /** Every dial, in order: the truth that a test compares with. */
  readonly dials: readonly {
    readonly request: PlaceCallRequest;
    readonly number: number;
    readonly atMs: number;
  }[];
}

export const noAnswer: ScriptedEnd = { reason: 'dial_no_answer', durationMs: 25_000 };
export const answered: ScriptedEnd = {
  reason: 'user_hangup',
  durationMs: 60_000,
  captured: { resultado: 'sin_compromiso' },
};

/** A provider that plays a script: what the n-th call to a contact comes to. */
export function scriptedVoice(
  script: (number: number, request: PlaceCallRequest, atMs: number) => ScriptedEnd,
): ScriptedVoice {
  const dials: { request: PlaceCallRequest; number: number; atMs: number }[] = [];
  return {
    dials,
    call(request, number, startsAtMs) {
      dials.push({ request, number, atMs: startsAtMs });
      const end = script(number, request, startsAtMs);
      const durationMs = end.durationMs ?? 30_000;
      const isConnected = !end.reason.startsWith('dial_') && end.reason !== 'invalid_destination';
      const call: ProviderCall = {
        providerCallId: `call_${request.attemptId}`,
        status: isConnected ? 'ended' : 'not_connected',
        attemptId: request.attemptId,
        startedAtMs: startsAtMs,
        endedAtMs: startsAtMs + durationMs,
        durationMs: isConnected ? durationMs : 0,
        disconnectionReason: end.reason,
        analysed: true,
        captured: end.captured ?? {},
        billableSeconds: isConnected ? Math.ceil(durationMs / 1000) : 0,
        costMicros: isConnected ? 100_000 : 0,
        costByProduct: [],
      };
      return { call, durationMs, ...(end.during === undefined ? {} : { during: end.during }) };
    },
  };
}
