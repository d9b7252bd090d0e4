/** A call as Retell's API shows it (facts/voice.md §1.4, §1.5). Pure: the same call always gives the same JSON. */
import { capturedOf } from './agent.ts';
import { dialogueOf, toolUtterances, utterances } from './dialogue.ts';
import { callCost, NO_COST } from './money.ts';
import { outcomeOf } from './outcomes.ts';
import type { CallRecord, FakeCall, Json, PostRecord } from './types.ts';
import { asJson, keep } from './validate.ts';

const DEFAULT_AGENT = 'agent_fake_cobranza_temprana';

export type CallStatus = 'registered' | 'ongoing' | 'ended' | 'not_connected' | 'error';

export function statusOf(call: FakeCall): CallStatus {
  if (call.endedAtMs === undefined) return call.answeredAtMs === undefined ? 'registered' : 'ongoing';
  // Stopped by the operator: it is over, whatever was planned.
  if (call.reason === 'manual_stopped') return 'ended';
  if (call.plan.cutShort) return 'ended';
  return outcomeOf(call.plan.outcome).status;
}

/** The full object, as GET /v2/get-call answers it. */
export function presentCall(call: FakeCall): Json {
  return { ...presentListed(call), ...presentTranscript(call) };
}

/** The object without its transcript, as list items are. Unconnected calls have no start and no recording. */
export function presentListed(call: FakeCall): Json {
  const { request } = call;
  return {
    call_id: call.callId,
    call_type: 'phone_call',
    agent_id: request.override_agent_id ?? DEFAULT_AGENT,
    agent_version: 1,
    agent_name: 'Cobranza temprana',
    call_status: statusOf(call),
    direction: 'outbound',
    from_number: request.from_number,
    to_number: request.to_number,
    ...keep('metadata', request.metadata),
    ...keep('retell_llm_dynamic_variables', request.retell_llm_dynamic_variables),
    ...keep('custom_sip_headers', request.custom_sip_headers),
    data_storage_setting: 'everything',
    opt_in_signed_url: false,
    call_cost: NO_COST,
    ...keep('start_timestamp', call.answeredAtMs),
    ...(call.answeredAtMs === undefined ? {} : { telephony_identifier: { twilio_call_sid: sidOf(call) } }),
    ...(call.endedAtMs === undefined ? {} : presentEnd(call, call.endedAtMs)),
    ...(call.analysedAtMs === undefined ? {} : { call_analysis: presentAnalysis(call) }),
  };
}

function presentEnd(call: FakeCall, endedAtMs: number): Json {
  const end: Json = {
    end_timestamp: endedAtMs,
    ...keep('disconnection_reason', call.reason),
  };
  if (call.answeredAtMs === undefined) return end;
  const durationMs = endedAtMs - call.answeredAtMs;
  const transferMs = call.transferEndedAtMs === undefined ? 0 : call.transferEndedAtMs - endedAtMs;
  const media = `${call.mediaUrl ?? 'https://retell.invalid'}/media/${call.callId}`;
  return {
    ...end,
    duration_ms: durationMs,
    recording_url: `${media}/recording.wav`,
    recording_multi_channel_url: `${media}/recording_multichannel.wav`,
    public_log_url: `${media}/public_log.txt`,
    latency: {
      e2e: { p50: 800, p90: 1200, p95: 1500, p99: 2500, max: 2700, min: 500, num: 1, values: [800] },
    },
    call_cost: callCost(durationMs, transferMs),
    llm_token_usage: { values: [1234], average: 1234, num_requests: dialogueOf(call).lines.length },
    collected_dynamic_variables: {},
    ...(call.reason === 'call_transfer' ? { transfer_destination: TRANSFER_DESTINATION } : {}),
    ...keep('transfer_end_timestamp', call.transferEndedAtMs),
  };
}

function presentTranscript(call: FakeCall): Json {
  if (call.answeredAtMs === undefined || call.endedAtMs === undefined) return {};
  const said = utterances(dialogueOf(call).lines, call.endedAtMs - call.answeredAtMs);
  return {
    transcript: said.map((u) => `${u.role === 'agent' ? 'Agent' : 'User'}: ${u.content}\n`).join(''),
    transcript_object: said,
    transcript_with_tool_calls: [...said, ...toolUtterances(call.toolCalls)],
  };
}

/** The executives' desk of nobody: a number of the range that is never assigned. */
export const TRANSFER_DESTINATION = '+56221234567';

/** `custom_analysis_data` is not populated for calls that did not connect. */
function presentAnalysis(call: FakeCall): Json {
  if (call.answeredAtMs === undefined) {
    return {
      in_voicemail: false,
      user_sentiment: 'Unknown',
      call_successful: false,
      custom_analysis_data: {},
    };
  }
  const outcome = outcomeOf(call.plan.outcome);
  const interrupted = interruptionOf(call);
  if (interrupted !== undefined) {
    return {
      call_summary: interrupted,
      in_voicemail: outcome.inVoicemail === true,
      user_sentiment: 'Unknown',
      call_successful: false,
      custom_analysis_data: {},
    };
  }
  const { promiseAmount, promiseDate } = call.plan;
  return {
    call_summary: dialogueOf(call).summary,
    in_voicemail: outcome.inVoicemail === true,
    user_sentiment: outcome.sentiment ?? 'Unknown',
    call_successful: outcome.successful === true,
    custom_analysis_data: capturedOf(call) ?? {
      ...keep('resultado', outcome.resultado),
      ...keep('fecha_pago_cliente', promiseDate),
      ...keep('monto_pago_cliente', promiseAmount === undefined ? undefined : String(promiseAmount)),
    },
  };
}

/** A conversation that was cut off has no result, whatever was planned. */
function interruptionOf(call: FakeCall): string | undefined {
  if (call.reason === 'manual_stopped') return 'La llamada fue detenida por un operador.';
  return call.plan.cutShort ? 'La llamada llegó a su duración máxima.' : undefined;
}

/**
 * The call inside a webhook: as it was when the event was triggered, also when a restarted fake sends it again later.
 * `call_ended` says Retell's wrong status sometimes.
 */
export function presentForEvent(call: FakeCall, event: string): Json {
  const body = presentCall(callAsOf(call, event));
  return event === 'call_ended' && call.plan.sayRegisteredInEnded
    ? { ...body, call_status: 'registered' }
    : body;
}

function callAsOf(call: FakeCall, event: string): FakeCall {
  const { transferEndedAtMs: _transfer, ...untilAnalysed } = call;
  const { analysedAtMs: _analysed, ...untilEnded } = untilAnalysed;
  const { endedAtMs: _ended, reason: _reason, ...untilStarted } = untilEnded;
  switch (event) {
    case 'call_started':
      return untilStarted;
    case 'call_analyzed':
      return untilAnalysed;
    case 'transfer_ended':
      return call;
    default:
      return untilEnded;
  }
}

export function textIn(metadata: Json | undefined, name: string): string | undefined {
  const value = metadata?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** Nothing about the call will change any more. */
export function isFinal(call: FakeCall): boolean {
  const transferOpen = call.reason === 'call_transfer' && call.transferEndedAtMs === undefined;
  return call.analysedAtMs !== undefined && !transferOpen;
}

export function toCallRecord(call: FakeCall): CallRecord {
  return {
    callId: call.callId,
    postSeq: call.postSeq,
    ...keep('attemptId', textIn(call.request.metadata, 'attempt_id')),
    ...keep('accountId', textIn(call.request.metadata, 'account_id')),
    outcome: call.plan.outcome,
    placedAtMs: call.placedAtMs,
    final: isFinal(call),
    call: presentCall(call),
  };
}

/** A POST as it arrives, read leniently: a body that is refused is kept as well. */
export function toPostRecord(raw: unknown, seq: number, arrivedAtMs: number): PostRecord {
  const body = asJson(raw);
  const metadata = asJson(body?.['metadata']);
  return {
    seq,
    arrivedAtMs,
    placed: false,
    ...keep('attemptId', textIn(metadata, 'attempt_id')),
    ...keep('accountId', textIn(metadata, 'account_id')),
    ...keep('toNumber', textIn(body, 'to_number')),
  };
}

function sidOf(call: FakeCall): string {
  return `CA${call.callId.slice('call_'.length).padEnd(32, '0').slice(0, 32)}`;
}
