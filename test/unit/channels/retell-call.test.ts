/** Reading the provider's calls: whatever comes, nothing of a wrong type gets through. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { centsToMicros, NotACallError, normaliseRetellCall } from '../../../channels/retell/call.ts';

/** Composed from the SDK's types: facts/voice.md §1.5. */
const FINISHED = {
  call_id: 'call_a4441234567890777c4a4a123e6',
  call_type: 'phone_call',
  agent_id: 'agent_1',
  agent_version: 7,
  call_status: 'ended',
  direction: 'outbound',
  from_number: '+566001234567',
  to_number: '+56961234567',
  metadata: { attempt_id: 'att_1', account_id: 'acme', batch_id: 'bat_1', contact_id: 'con_1' },
  collected_dynamic_variables: { compromiso_fecha: '2026-11-30', resultado: 'a medias' },
  start_timestamp: 1795264800123,
  end_timestamp: 1795264886456,
  duration_ms: 86333,
  disconnection_reason: 'agent_hangup',
  transcript: 'Agent: Buenos días…\nUser: Sí.\n',
  recording_url: 'https://media.invalid/recording.wav',
  recording_multi_channel_url: 'https://media.invalid/recording_multichannel.wav',
  public_log_url: 'https://media.invalid/public_log.txt',
  call_analysis: {
    call_summary: 'Se comprometió a pagar.',
    in_voicemail: false,
    user_sentiment: 'Neutral',
    call_successful: true,
    custom_analysis_data: {
      resultado: 'compromiso_pago',
      monto_pago_cliente: 123450,
      confirmado: true,
      nada: null,
    },
  },
  call_cost: {
    product_costs: [
      { product: 'elevenlabs_tts', unit_price: 0.1167, cost: 10.15 },
      { product: 'gpt_4_1', unit_price: 0.075, cost: 6.53 },
    ],
    total_duration_seconds: 87,
    total_duration_unit_price: 0.1917,
    combined_cost: 16.68,
  },
};

describe('a finished call', () => {
  it('is read whole', () => {
    expect(normaliseRetellCall(FINISHED)).toEqual({
      providerCallId: 'call_a4441234567890777c4a4a123e6',
      status: 'ended',
      attemptId: 'att_1',
      accountId: 'acme',
      contactId: 'con_1',
      fromNumber: '+566001234567',
      toNumber: '+56961234567',
      startedAtMs: 1795264800123,
      endedAtMs: 1795264886456,
      durationMs: 86333,
      disconnectionReason: 'agent_hangup',
      analysed: true,
      summary: 'Se comprometió a pagar.',
      sentiment: 'neutral',
      successful: true,
      inVoicemail: false,
      captured: {
        compromiso_fecha: '2026-11-30',
        resultado: 'compromiso_pago',
        monto_pago_cliente: '123450',
        confirmado: 'true',
      },
      billableSeconds: 87,
      costMicros: 166_800,
      costByProduct: [
        { product: 'elevenlabs_tts', costMicros: 101_500 },
        { product: 'gpt_4_1', costMicros: 65_300 },
      ],
      recordingUrl: 'https://media.invalid/recording.wav',
      recordingMultiChannelUrl: 'https://media.invalid/recording_multichannel.wav',
      publicLogUrl: 'https://media.invalid/public_log.txt',
      transcript: 'Agent: Buenos días…\nUser: Sí.\n',
    });
  });
});

describe('a call that says little', () => {
  it('has only what was said', () => {
    expect(normaliseRetellCall({ call_id: 'call_1', call_status: 'not_connected' })).toEqual({
      providerCallId: 'call_1',
      status: 'not_connected',
      analysed: false,
      captured: {},
      costByProduct: [],
    });
  });

  it('with an unknown status is over when it has a reason, and may still run when it has none', () => {
    const status = (call: object) => normaliseRetellCall({ call_id: 'c', ...call }).status;
    expect(status({ call_status: 'archived', disconnection_reason: 'dial_busy' })).toBe('not_connected');
    expect(status({ call_status: 'archived', disconnection_reason: 'error_asr' })).toBe('error');
    expect(status({ call_status: 'archived' })).toBe('registered');
  });
});

describe('cents', () => {
  it('become whole micro-units: one cent is 10,000', () => {
    expect(centsToMicros(1)).toBe(10_000);
    expect(centsToMicros(0.1167)).toBe(1167);
    expect(centsToMicros(0.00004)).toBe(0);
    expect(centsToMicros(0.29)).toBe(2900); // 0.29 * 10000 is 2899.9999999999995 in floating point
  });
});

describe('anything else', () => {
  it.each([undefined, null, 7, 'call', [], {}, { call_id: '' }, { call_id: 7 }])('%j is no call', (raw) => {
    expect(() => normaliseRetellCall(raw)).toThrow(NotACallError);
  });

  it('with any JSON in any field gives a call of the right types, or fails as no call', () => {
    const anyField = fc.record(
      Object.fromEntries(Object.keys(FINISHED).map((name) => [name, fc.jsonValue()])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyField, (fields) => {
        const call = normaliseRetellCall({ ...fields, call_id: 'call_1' });
        for (const text of Object.values(call.captured)) expect(typeof text).toBe('string');
        for (const amount of [call.costMicros, call.billableSeconds, call.durationMs, call.startedAtMs]) {
          if (amount !== undefined) expect(Number.isInteger(amount) && amount >= 0).toBe(true);
        }
        for (const { costMicros } of call.costByProduct) expect(Number.isInteger(costMicros)).toBe(true);
        for (const text of [call.attemptId, call.transcript, call.recordingUrl, call.disconnectionReason]) {
          if (text !== undefined) expect(typeof text).toBe('string');
        }
        expect(Object.values(call)).not.toContain(undefined);
      }),
    );
  });

  it('cannot reach the prototype of the captured variables', () => {
    const raw: unknown = JSON.parse(
      '{"call_id":"c","call_analysis":{"custom_analysis_data":{"__proto__":"x","constructor":"y"}}}',
    );
    const { captured } = normaliseRetellCall(raw);
    expect(Object.getPrototypeOf(captured)).toBe(Object.prototype);
    expect(Object.hasOwn(captured, '__proto__')).toBe(false);
  });
});
