import { sql } from 'kysely';
import { type LockedCall, writeAttemptEvent } from '../db/calls.ts';
import type { Trx } from '../db/client.ts';
import { freeLine } from '../db/lines.ts';
import { readDisconnection } from '../rules/disconnection.ts';
import type { ProviderCall } from '../voice/types.ts';

/** The call has ended: its result, and the line is free. */
export async function writeEnd(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<LockedCall> {
  const reading = readDisconnection(call.disconnectionReason ?? '', {
    durationMs: call.durationMs,
    inVoicemail: call.inVoicemail,
  });
  const endedAt = call.endedAtMs === undefined ? sql<Date>`clock_timestamp()` : new Date(call.endedAtMs);
  const written = await trx
    .updateTable('operation.call')
    .set({
      state: 'ended',
      disconnection_reason: call.disconnectionReason ?? null,
      rang: reading.rang,
      human: reading.human,
      started_at: call.startedAtMs === undefined ? null : new Date(call.startedAtMs),
      ended_at: endedAt,
      duration_ms: call.durationMs ?? null,
      recording_url: call.recordingUrl ?? null,
      recording_multi_channel_url: call.recordingMultiChannelUrl ?? null,
      public_log_url: call.publicLogUrl ?? null,
      transcript: call.transcript ?? null,
    })
    .where('attempt_id', '=', locked.attempt_id)
    .returning(['ended_at', 'duration_ms'])
    .executeTakeFirstOrThrow();
  await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'ended', {
    reason: call.disconnectionReason ?? null,
  });
  await freeLine(trx, locked.lease_id, 'call_ended');
  return {
    ...locked,
    state: 'ended',
    disconnection_reason: call.disconnectionReason ?? null,
    ended_at: written.ended_at,
    duration_ms: written.duration_ms,
    rang: reading.rang,
    human: reading.human,
  };
}

/** The provider has understood the call: summary, sentiment, voicemail, captured variables. */
export async function writeAnalysis(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<LockedCall> {
  const reading = readDisconnection(locked.disconnection_reason ?? '', {
    durationMs: locked.duration_ms ?? undefined,
    inVoicemail: call.inVoicemail,
  });
  const { analysed_at } = await trx
    .updateTable('operation.call')
    .set({
      analysed_at: sql<Date>`clock_timestamp()`,
      summary: call.summary ?? null,
      sentiment: call.sentiment ?? null,
      successful: call.successful ?? null,
      in_voicemail: call.inVoicemail ?? null,
      captured: JSON.stringify(call.captured),
      rang: reading.rang,
      human: reading.human,
      // Recordings and transcript may be ready only now.
      ...(call.transcript === undefined ? {} : { transcript: call.transcript }),
      ...(call.recordingUrl === undefined ? {} : { recording_url: call.recordingUrl }),
      ...(call.recordingMultiChannelUrl === undefined
        ? {}
        : { recording_multi_channel_url: call.recordingMultiChannelUrl }),
      ...(call.publicLogUrl === undefined ? {} : { public_log_url: call.publicLogUrl }),
    })
    .where('attempt_id', '=', locked.attempt_id)
    .returning('analysed_at')
    .executeTakeFirstOrThrow();
  await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'analysed');
  return { ...locked, analysed_at, rang: reading.rang, human: reading.human };
}
