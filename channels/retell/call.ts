/**
 * Retell's call object to the product's words. The only place where the provider's JSON is read: every field is
 * looked at before it is used, because a wrong type here would be stored as truth. Fields: facts/voice.md §1.4.
 */
import { readDisconnection } from '../../domain/calls/rules/disconnection.ts';
import type { ProviderCall, ProviderCallStatus, ProviderCost } from '../../domain/calls/voice-port.ts';

/** 1 US cent = 10,000 micro-USD. */
const MICROS_PER_CENT = 10_000;

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  // The cast is safe: every property is still `unknown`.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? storable(value) : undefined;
}

const nul = /\0/g;

/**
 * PostgreSQL takes neither NUL nor half a surrogate pair: one of them in what a person or a model said would lose the
 * call's end.
 */
function storable(text: string): string {
  return text.toWellFormed().replace(nul, '');
}

/** Thrown for a value that is not a call: it has no id, so nothing in it can be attributed. */
export class NotACallError extends TypeError {
  override readonly name = 'NotACallError';
}

/**
 * Reads a call object of any age or shape. Unknown fields are ignored, fields of a wrong type are absent.
 * Unconnected calls come without timestamps, transcript and recording.
 */
export function normaliseRetellCall(raw: unknown): ProviderCall {
  const call = asObject(raw);
  const providerCallId = asText(call?.['call_id']);
  if (call === undefined || providerCallId === undefined) {
    throw new NotACallError('not a call: no call_id');
  }
  const metadata = asObject(call['metadata']);
  const analysis = asObject(call['call_analysis']);
  return {
    providerCallId,
    status: readStatus(call),
    analysed: analysis !== undefined,
    captured: readCaptured(call, analysis),
    ...readCost(asObject(call['call_cost'])),
    ...present({
      attemptId: asText(metadata?.['attempt_id']),
      accountId: asText(metadata?.['account_id']),
      contactId: asText(metadata?.['contact_id']),
      fromNumber: asText(call['from_number']),
      toNumber: asText(call['to_number']),
      startedAtMs: asWhole(call['start_timestamp']),
      endedAtMs: asWhole(call['end_timestamp']),
      durationMs: asWhole(call['duration_ms']),
      disconnectionReason: asText(call['disconnection_reason']),
      summary: asText(analysis?.['call_summary']),
      sentiment: readSentiment(analysis?.['user_sentiment']),
      successful: asFlag(analysis?.['call_successful']),
      inVoicemail: asFlag(analysis?.['in_voicemail']),
      recordingUrl: asText(call['recording_url']),
      recordingMultiChannelUrl: asText(call['recording_multi_channel_url']),
      publicLogUrl: asText(call['public_log_url']),
      transcript: asText(call['transcript']),
    }),
  };
}

/** Micro-USD, whole: the provider's fractions of a cent end here and nowhere else. */
export function centsToMicros(cents: number): number {
  return Math.round(cents * MICROS_PER_CENT);
}

function readStatus(call: JsonObject): ProviderCallStatus {
  switch (call['call_status']) {
    case 'registered':
    case 'ongoing':
    case 'ended':
    case 'not_connected':
    case 'error':
      return call['call_status'];
    default:
      // A status that we do not know: a reason says that the call is over, its absence that it may still run.
      return finalStatus(call) ?? 'registered';
  }
}

/** What the disconnection reason says about the status; undefined while there is none. */
export function finalStatus(call: JsonObject): ProviderCallStatus | undefined {
  const reason = asText(call['disconnection_reason']);
  if (reason === undefined) return undefined;
  return readDisconnection(reason, { durationMs: asWhole(call['duration_ms']) }).status;
}

/**
 * What the agent captured: variables collected during the call, overruled by the analysis after it. Scalars become
 * strings; anything deeper is left out, since no captured variable is an object.
 */
function readCaptured(call: JsonObject, analysis: JsonObject | undefined): Record<string, string> {
  const captured: Record<string, string> = {};
  for (const source of [call['collected_dynamic_variables'], analysis?.['custom_analysis_data']]) {
    for (const [name, value] of Object.entries(asObject(source) ?? {})) {
      if (name === '__proto__') continue;
      if (typeof value === 'string' && value !== '') captured[storable(name)] = storable(value);
      else if (typeof value === 'number' || typeof value === 'boolean') captured[name] = String(value);
    }
  }
  return captured;
}

interface Cost {
  readonly billableSeconds?: number;
  readonly costMicros?: number;
  readonly costByProduct: readonly ProviderCost[];
}

function readCost(cost: JsonObject | undefined): Cost {
  const products = Array.isArray(cost?.['product_costs']) ? cost['product_costs'] : [];
  const costByProduct: ProviderCost[] = [];
  for (const entry of products) {
    const product = asText(asObject(entry)?.['product']);
    const cents = asAmount(asObject(entry)?.['cost']);
    if (product !== undefined && cents !== undefined) {
      costByProduct.push({ product, costMicros: centsToMicros(cents) });
    }
  }
  const cents = asAmount(cost?.['combined_cost']);
  const seconds = asAmount(cost?.['total_duration_seconds']);
  return {
    costByProduct,
    ...present({
      costMicros: cents === undefined ? undefined : centsToMicros(cents),
      // A started second is a billed second.
      billableSeconds: seconds === undefined ? undefined : Math.ceil(seconds),
    }),
  };
}

function readSentiment(value: unknown): ProviderCall['sentiment'] {
  switch (value) {
    case 'Positive':
      return 'positive';
    case 'Negative':
      return 'negative';
    case 'Neutral':
      return 'neutral';
    case 'Unknown':
      return 'unknown';
    default:
      return undefined;
  }
}

function asFlag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asAmount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function asWhole(value: unknown): number | undefined {
  const amount = asAmount(value);
  return amount === undefined ? undefined : Math.round(amount);
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined: under `exactOptionalPropertyTypes` absent and undefined are two things. */
function present<T extends Record<string, unknown>>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
