import { describe, expect, it } from 'vitest';
import type { PhoneCallResponse } from 'retell-sdk/resources/call';
import { DISCONNECTION_REASONS, readDisconnection } from '../../../domain/calls/rules/disconnection.ts';

type SdkReason = NonNullable<PhoneCallResponse['disconnection_reason']>;

/** Written by hand from facts/voice.md §1.4: class, status, attempt, contact at 0 ms, contact at 30 s, rang at 0 ms. */
const EXPECTED: Record<SdkReason, string> = {
  user_hangup: 'answered ended attempt contact contact rang',
  agent_hangup: 'answered ended attempt contact contact rang',
  call_transfer: 'answered ended attempt contact contact rang',
  transfer_bridged: 'answered ended attempt contact contact rang',
  call_take_over: 'answered ended attempt contact contact rang',
  transfer_cancelled: 'answered ended attempt contact contact rang',
  max_duration_reached: 'answered ended attempt contact contact rang',
  voicemail_reached: 'voicemail ended attempt - - rang',
  ivr_reached: 'machine ended attempt - - rang',
  inactivity: 'answered_silent ended attempt contact contact rang',
  manual_stopped: 'operator_stopped ended attempt - contact -',
  no_concurrency_fallback: 'capacity ended - - - -',
  dial_no_answer: 'no_answer not_connected attempt - - rang',
  dial_busy: 'busy not_connected attempt - - rang',
  user_declined: 'declined not_connected attempt - - rang',
  dial_failed: 'technical not_connected attempt - - -',
  invalid_destination: 'invalid_destination not_connected - - - -',
  telephony_provider_permission_denied: 'provider_blocked not_connected - - - -',
  telephony_provider_unavailable: 'technical not_connected - - - -',
  sip_routing_error: 'technical not_connected - - - -',
  marked_as_spam: 'provider_blocked not_connected attempt - - -',
  concurrency_limit_reached: 'capacity error - - - -',
  no_valid_payment: 'provider_blocked error - - - -',
  scam_detected: 'provider_blocked error - - - -',
  error_llm_websocket_open: 'technical error attempt - contact -',
  error_llm_websocket_lost_connection: 'technical error attempt - contact -',
  error_llm_websocket_runtime: 'technical error attempt - contact -',
  error_llm_websocket_corrupt_payload: 'technical error attempt - contact -',
  error_no_audio_received: 'technical error attempt - contact -',
  error_asr: 'technical error attempt - contact -',
  error_retell: 'technical error attempt - contact -',
  error_unknown: 'technical error attempt - contact -',
  error_user_not_joined: 'technical error - - - -',
  registered_call_timeout: 'technical error - - - -',
};

describe('disconnection table', () => {
  it('knows exactly the 34 reasons of the SDK', () => {
    expect(DISCONNECTION_REASONS.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
    expect(DISCONNECTION_REASONS).toHaveLength(34);
  });

  it.each(Object.entries(EXPECTED))('reads %s as %s', (reason, expected) => {
    const silent = readDisconnection(reason, { durationMs: 0 });
    const connected = readDisconnection(reason, { durationMs: 30_000 });
    expect(
      [
        silent.class,
        silent.status,
        silent.placed ? 'attempt' : '-',
        silent.human ? 'contact' : '-',
        connected.human ? 'contact' : '-',
        silent.rang ? 'rang' : '-',
      ].join(' '),
    ).toBe(expected);
    expect(connected.class).toBe(silent.class);
    expect(connected.rang || !connected.human).toBe(true);
  });
});

describe('voicemail flag', () => {
  it('turns a call that our agent hung up into a voicemail, which is no contact', () => {
    expect(readDisconnection('agent_hangup', { durationMs: 20_000, inVoicemail: true })).toMatchObject({
      class: 'voicemail',
      human: false,
      rang: true,
      status: 'ended',
    });
  });

  it('turns a silent call into a voicemail', () => {
    expect(readDisconnection('inactivity', { inVoicemail: true }).class).toBe('voicemail');
  });

  it('does not turn an unanswered call into one that was connected', () => {
    expect(readDisconnection('dial_no_answer', { inVoicemail: true })).toEqual(
      readDisconnection('dial_no_answer'),
    );
  });

  it('is no human in a technical failure in the middle of a recording', () => {
    expect(readDisconnection('error_asr', { durationMs: 9000, inVoicemail: true })).toMatchObject({
      class: 'technical',
      rang: true,
      human: false,
    });
  });
});

describe('reasons that we do not know', () => {
  it.each(['quantum_hangup', '', '__proto__', 'constructor', undefined])(
    'reads %j as technical, an attempt, and rung only when it was connected',
    (reason) => {
      expect(readDisconnection(reason)).toEqual({
        class: 'technical',
        rang: false,
        human: false,
        placed: true,
        status: 'error',
      });
      expect(readDisconnection(reason, { durationMs: 1 })).toMatchObject({ rang: true, human: true });
    },
  );
});
