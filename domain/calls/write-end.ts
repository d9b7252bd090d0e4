import { type AttemptEvent, type CallSet, databaseClock, type LockedCall } from './queries.ts';
import { readDisconnection } from './rules/disconnection.ts';
import type { ProviderCall } from './voice-port.ts';

/** A call after a word about it, and what of that is still to be written. */
export interface Changed {
  readonly locked: LockedCall;
  readonly set: CallSet;
  readonly events: readonly AttemptEvent[];
}

/** Somebody or something took the call: what was said may have been heard, and recorded while it ran. */
export function wasConnected({ human, duration_ms }: LockedCall): boolean {
  return human === true || (duration_ms ?? 0) > 0;
}

/** The call has ended: its result. `nowMs`: its end, when the provider names none. */
export function ended({ locked, set, events }: Changed, call: ProviderCall, nowMs: number): Changed {
  const reading = readDisconnection(call.disconnectionReason ?? '', {
    durationMs: call.durationMs,
    inVoicemail: call.inVoicemail,
  });
  const result = {
    state: 'ended',
    disconnection_reason: call.disconnectionReason ?? null,
    rang: reading.rang,
    human: reading.human,
    ended_at: new Date(call.endedAtMs ?? nowMs),
    duration_ms: call.durationMs ?? null,
  } as const;
  return {
    locked: { ...locked, ...result },
    set: {
      ...set,
      ...result,
      started_at: call.startedAtMs === undefined ? null : new Date(call.startedAtMs),
      recording_url: call.recordingUrl ?? null,
      recording_multi_channel_url: call.recordingMultiChannelUrl ?? null,
      public_log_url: call.publicLogUrl ?? null,
      transcript: call.transcript ?? null,
    },
    events: [...events, { kind: 'ended', detail: { reason: call.disconnectionReason ?? null } }],
  };
}

/** The provider has understood the call: summary, sentiment, voicemail, captured variables. */
export function analysed({ locked, set, events }: Changed, call: ProviderCall, nowMs: number): Changed {
  const { rang, human } = readDisconnection(locked.disconnection_reason ?? '', {
    durationMs: locked.duration_ms ?? undefined,
    inVoicemail: call.inVoicemail,
  });
  return {
    locked: { ...locked, analysed_at: new Date(nowMs), rang, human },
    set: {
      ...set,
      analysed_at: databaseClock,
      summary: call.summary ?? null,
      sentiment: call.sentiment ?? null,
      successful: call.successful ?? null,
      in_voicemail: call.inVoicemail ?? null,
      captured: JSON.stringify(call.captured),
      rang,
      human,
      // Recordings and transcript may be ready only now.
      ...(call.transcript === undefined ? {} : { transcript: call.transcript }),
      ...(call.recordingUrl === undefined ? {} : { recording_url: call.recordingUrl }),
      ...(call.recordingMultiChannelUrl === undefined
        ? {}
        : { recording_multi_channel_url: call.recordingMultiChannelUrl }),
      ...(call.publicLogUrl === undefined ? {} : { public_log_url: call.publicLogUrl }),
    },
    events: [...events, { kind: 'analysed' }],
  };
}

/** The call without what anybody said, or heard. */
export function wordless(call: ProviderCall): ProviderCall {
  const {
    summary: _summary,
    sentiment: _sentiment,
    transcript: _transcript,
    turns: _turns,
    recordingUrl: _recording,
    recordingMultiChannelUrl: _channels,
    publicLogUrl: _log,
    ...rest
  } = call;
  return { ...rest, captured: {} };
}
