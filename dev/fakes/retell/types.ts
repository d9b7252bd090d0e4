/** Words shared by the parts of the fake provider. Field names in snake_case are Retell's own wire format. */
import type { OutcomeName } from './outcomes.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The body of POST /v2/create-phone-call after validation. */
export interface CreateRequest {
  readonly from_number: string;
  readonly to_number: string;
  readonly override_agent_id?: string;
  readonly metadata?: Json;
  readonly retell_llm_dynamic_variables?: Readonly<Record<string, string>>;
  readonly custom_sip_headers?: Readonly<Record<string, string>>;
  /** From `agent_override.agent`. */
  readonly ring_duration_ms?: number;
  readonly max_call_duration_ms?: number;
  readonly webhook_url?: string;
}

/** Everything that chance decides about a call, drawn once when it is placed and persisted with it. */
export interface CallPlan {
  readonly outcome: OutcomeName;
  /** Wall-clock spans, time scale applied. */
  readonly ringMs: number;
  readonly talkMs: number;
  readonly analysisMs: number;
  /** Stays `registered` for ever and holds its line. */
  readonly stuck: boolean;
  /** Ended by `max_call_duration_ms` before the dialogue was over. */
  readonly cutShort: boolean;
  readonly promiseDate?: string;
  readonly promiseAmount?: number;
  /** How whoever promises would rather pay. */
  readonly wish?: 'full' | 'part' | 'discount' | 'instalments';
  /** What whoever refuses says. */
  readonly refusal?: 'refuses' | 'do_not_call' | 'dispute' | 'hardship' | 'legal';
  /** The quirk of Retell's own sample: `call_status: "registered"` inside `call_ended`. */
  readonly sayRegisteredInEnded: boolean;
}

export interface ToolCall {
  readonly toolCallId: string;
  readonly name: string;
  readonly args: Json;
  /** Absent when the function did not answer in time. */
  readonly result?: string;
  readonly successful?: boolean;
  readonly finishedAtMs?: number;
}

export interface FakeCall {
  readonly callId: string;
  readonly postSeq: number;
  /** The nth call placed to this number, from 1. */
  readonly nth: number;
  readonly request: CreateRequest;
  readonly plan: CallPlan;
  readonly placedAtMs: number;
  readonly answeredAtMs?: number;
  readonly endedAtMs?: number;
  readonly analysedAtMs?: number;
  readonly transferEndedAtMs?: number;
  /** Where its recording is; absent: nowhere. */
  readonly mediaUrl?: string;
  /** Taken away: the API does not know it any more. */
  readonly deletedAtMs?: number;
  readonly reason?: string;
  readonly toolCalls: readonly ToolCall[];
  /** Events whose webhook has been settled (delivered, given up or lost on purpose). */
  readonly settledEvents: readonly string[];
}

/** How a POST was answered: a status, the connection dropped, or held open without an answer. */
export type PostAnswer = number | 'dropped' | 'held';

/** One POST to /v2/create-phone-call: the truth that tests and the audit compare with. */
export interface PostRecord {
  readonly seq: number;
  readonly arrivedAtMs: number;
  readonly attemptId?: string;
  readonly accountId?: string;
  readonly toNumber?: string;
  readonly placed: boolean;
  readonly placedAtMs?: number;
  readonly callId?: string;
  readonly answer?: PostAnswer;
  /** The fault that was at work, if any. */
  readonly fault?: string;
  /** Set while the call is still to be placed after the connection has gone. */
  readonly placeAtMs?: number;
}

/** A call as `GET /_fake/calls` shows it; `call` is exactly what GET /v2/get-call answers. */
export interface CallRecord {
  readonly callId: string;
  readonly postSeq: number;
  readonly attemptId?: string;
  readonly accountId?: string;
  readonly outcome: OutcomeName;
  readonly placedAtMs: number;
  /** The call has ended and its analysis is there: nothing about it will change any more. */
  readonly final: boolean;
  readonly call: Json;
}

export type WebhookResult = 'delivered' | 'failed' | 'lost';

/** One event of one call, with the answer to each try: a status, or `timeout`, or `unreachable`. */
export interface WebhookRecord {
  readonly callId: string;
  readonly event: string;
  readonly copy: number;
  readonly result: WebhookResult;
  readonly tries: readonly (number | 'timeout' | 'unreachable')[];
  readonly settledAtMs: number;
}

export interface Line {
  readonly role: 'agent' | 'user';
  readonly content: string;
}
