/**
 * Retell's call object to the product's words. The only place where the provider's JSON is read: every field is
 * looked at before it is used, because a wrong type here would be stored as truth. Fields: facts/voice.md §1.4.
 */
import { readDisconnection } from '../../domain/calls/rules/disconnection.ts';
import { storableJson, storableStart, storableText } from '../../domain/shared/rules/storable.ts';
import type {
  ProviderCall,
  ProviderCallStatus,
  ProviderCost,
  SpokenTurn,
} from '../../domain/calls/voice-port.ts';

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
  return typeof value === 'string' && value !== '' ? storableText(value) : undefined;
}

/** What is kept in an index, and an address: half of one is another one, and one of no plausible length is none. */
const longestId = 200;
const longestUrl = 2_000;

/** An id of the provider's; undefined for what is longer than any. */
export function asId(value: unknown): string | undefined {
  return shorter(value, longestId);
}

function asUrl(value: unknown): string | undefined {
  return shorter(value, longestUrl);
}

function shorter(value: unknown, longest: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const text = storableStart(value, longest + 1);
  return text.length > longest ? undefined : text;
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
  const providerCallId = asId(call?.['call_id']);
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
      attemptId: asId(metadata?.['attempt_id']),
      accountId: asId(metadata?.['account_id']),
      contactId: asId(metadata?.['contact_id']),
      fromNumber: asId(call['from_number']),
      toNumber: asId(call['to_number']),
      startedAtMs: asInstant(call['start_timestamp']),
      endedAtMs: asInstant(call['end_timestamp']),
      durationMs: asWhole(call['duration_ms'], longestCallMs),
      disconnectionReason: asReason(call),
      summary: asText(analysis?.['call_summary']),
      sentiment: readSentiment(analysis?.['user_sentiment']),
      successful: asFlag(analysis?.['call_successful']),
      inVoicemail: asFlag(analysis?.['in_voicemail']),
      recordingUrl: asUrl(call['recording_url']),
      recordingMultiChannelUrl: asUrl(call['recording_multi_channel_url']),
      publicLogUrl: asUrl(call['public_log_url']),
      transcript: asText(call['transcript']),
      turns: readTurns(call['transcript_object']),
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
  const reason = asReason(call);
  if (reason === undefined) return undefined;
  return readDisconnection(reason, { durationMs: asWhole(call['duration_ms'], longestCallMs) }).status;
}

/** A word of the provider's. A longer one is no word that we know, and is cut: that there is one says that the call is over. */
function asReason(call: JsonObject): string | undefined {
  const reason = call['disconnection_reason'];
  return typeof reason === 'string' && reason !== '' ? storableStart(reason, longestId) : undefined;
}

/**
 * What the agent captured: variables collected during the call, overruled by the analysis after it. Scalars become
 * strings; anything deeper is left out, since no captured variable is an object.
 */
function readCaptured(call: JsonObject, analysis: JsonObject | undefined): Record<string, string> {
  const captured = new Map<string, string>();
  for (const source of [call['collected_dynamic_variables'], analysis?.['custom_analysis_data']]) {
    for (const [name, value] of Object.entries(asObject(source) ?? {})) {
      const text = capturedText(value);
      if (text !== undefined) captured.set(cutCaptured(name), cutCaptured(text));
    }
  }
  captured.delete('__proto__');
  return Object.fromEntries(captured);
}

function capturedText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A day, an amount or a sentence: readers of what was captured need not be quick with a book. */
const longestCaptured = 2_000;

function cutCaptured(text: string): string {
  const kept = storableJson(text, { longestText: longestCaptured });
  return typeof kept === 'string' ? kept : '';
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
    const product = asId(asObject(entry)?.['product']);
    const cents = asAmount(asObject(entry)?.['cost'], mostCents);
    if (product !== undefined && cents !== undefined) {
      costByProduct.push({ product, costMicros: centsToMicros(cents) });
    }
  }
  const cents = asAmount(cost?.['combined_cost'], mostCents);
  const seconds = asAmount(cost?.['total_duration_seconds'], longestCallMs / 1000);
  return {
    costByProduct,
    ...present({
      costMicros: cents === undefined ? undefined : centsToMicros(cents),
      // A started second is a billed second.
      billableSeconds: seconds === undefined ? undefined : Math.ceil(seconds),
    }),
  };
}

const roles: Readonly<Record<string, SpokenTurn['role']>> = {
  agent: 'agent',
  user: 'person',
  transfer_target: 'transfer',
};
/** More is no call's: two hours have some thousand turns. */
const mostTurns = 5_000;
const longestTurn = 10_000;

/** What was said, turn by turn. A turn of no known speaker, or without words, is left out. */
function readTurns(value: unknown): readonly SpokenTurn[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, mostTurns).flatMap((raw: unknown): readonly SpokenTurn[] => {
    const turn = asObject(raw);
    const name = turn?.['role'];
    const role = typeof name === 'string' && Object.hasOwn(roles, name) ? roles[name] : undefined;
    const text = turn?.['content'];
    if (role === undefined || typeof text !== 'string' || text.trim() === '') return [];
    return [{ role, text: storableStart(text, longestTurn), ...readTimes(turn?.['words']) }];
  });
}

/** From its first word to its last. Times that run backwards are none. */
function readTimes(words: unknown): { readonly startMs?: number; readonly endMs?: number } {
  if (!Array.isArray(words)) return {};
  const startMs = asMs(asObject(words[0])?.['start']);
  const endMs = asMs(asObject(words.at(-1))?.['end']);
  if (startMs === undefined || endMs === undefined || endMs < startMs) return {};
  return { startMs, endMs };
}

function asMs(seconds: unknown): number | undefined {
  const amount = asAmount(seconds, longestCallMs / 1000);
  return amount === undefined ? undefined : Math.round(amount * 1000);
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

/** Figures beyond these are no call's: they are not said, and a column of 32 bits or a date never fails for one. */
const longestCallMs = 86_400_000;
const mostCents = 1_000_000;
const earliestMs = Date.UTC(2020, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

function asAmount(value: unknown, most: number): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= most ? value : undefined;
}

function asWhole(value: unknown, most: number): number | undefined {
  const amount = asAmount(value, most);
  return amount === undefined ? undefined : Math.round(amount);
}

function asInstant(value: unknown): number | undefined {
  const atMs = asWhole(value, latestMs);
  return atMs === undefined || atMs < earliestMs ? undefined : atMs;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined: under `exactOptionalPropertyTypes` absent and undefined are two things. */
function present<T extends Record<string, unknown>>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
