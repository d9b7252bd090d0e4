/**
 * Verification of Retell's webhooks and in-call functions at the door. Signature: `x-retell-signature:
 * v=<unix ms>,d=<hex>`, HMAC-SHA256 with the API key over the raw body and the instant (facts/voice.md §1.6).
 */
import { createHash } from 'node:crypto';
import { symmetric } from 'retell-sdk/lib/webhook_auth';
import { asId, asObject, finalStatus, NotACallError, normaliseRetellCall } from './call.ts';
import type { JsonObject } from './call.ts';
import type { ProviderCallStatus, WebhookRefusal, WebhookVerdict } from '../../domain/calls/voice-port.ts';

/** Retell's own window: a signature older (or newer) than this is a replay. */
const FRESH_MS = 5 * 60 * 1000;
const SIGNATURE = /^v=(\d{1,15}),d=[0-9a-f]{64}$/i;

/**
 * Verifies the raw body, as it came: a body parsed and written again has other bytes and no signature. The promise
 * of the SDK's `verify` is awaited here; not awaited it is truthy, and accepts every forgery.
 */
export async function verifyRetellWebhook(
  rawBody: string,
  signature: string | undefined,
  apiKey: string,
  nowMs: number = Date.now(),
): Promise<WebhookVerdict> {
  const refusal = await refuseSignature(rawBody, signature, apiKey, nowMs);
  if (refusal !== undefined) return { ok: false, refusal };
  const body = parseObject(rawBody);
  const event = asId(body?.['event']);
  const rawCall = asObject(body?.['call']);
  if (body === undefined || event === undefined || rawCall === undefined) {
    return { ok: false, refusal: 'malformed' };
  }
  try {
    const call = normaliseRetellCall(rawCall);
    const status = statusOfEvent(event, rawCall);
    const analysed = event === 'call_analyzed' || call.analysed;
    const dedupeKey = dedupeKeyOf(event, call.providerCallId, body, rawCall, rawBody);
    return { ok: true, webhook: { event, dedupeKey, call: { ...call, status, analysed } } };
  } catch (error) {
    if (error instanceof NotACallError) return { ok: false, refusal: 'malformed' };
    throw error;
  }
}

/** An in-call function request whose signature has been verified: same header, same key, same window. */
export async function refuseSignature(
  rawBody: string,
  signature: string | undefined,
  apiKey: string,
  nowMs: number = Date.now(),
): Promise<WebhookRefusal | undefined> {
  // An empty key would sign anything for anyone.
  if (signature === undefined || signature === '' || apiKey === '') return 'unsigned';
  const match = SIGNATURE.exec(signature);
  if (match === null) return 'forged';
  const signedAtMs = Number(match[1]);
  // What `Retell.verify` calls, with the clock of whoever asks. Here with the signature's own instant first, which
  // tells a genuine but late signature from a forgery.
  const genuine = await symmetric.verify(rawBody, apiKey, signature, { timestamp: signedAtMs });
  if (!genuine) return 'forged';
  const fresh = await symmetric.verify(rawBody, apiKey, signature, { timestamp: nowMs, timeout: FRESH_MS });
  return fresh ? undefined : 'stale';
}

/**
 * Status from event and reason, never from `call_status`: Retell's own sample of a `call_ended` says `registered`
 * (facts/voice.md §1.5), and a voicemail ends as `ended`.
 */
function statusOfEvent(event: string, call: JsonObject): ProviderCallStatus {
  switch (event) {
    case 'call_started':
      return 'ongoing';
    case 'call_ended':
    case 'call_analyzed':
    case 'transfer_ended':
      return finalStatus(call) ?? 'ended';
    default:
      // Transfer events and transcripts: a reason says that our agent's part is over.
      return finalStatus(call) ?? 'ongoing';
  }
}

const ONCE_PER_CALL: ReadonlySet<string> = new Set(['call_started', 'call_ended', 'call_analyzed']);

/**
 * Lifecycle events fire at most once per call. Transfer events can fire again, for another leg, and are told apart by
 * its start and destination. Any other event (transcripts: the last one wins) by its content: a retry has the same.
 */
function dedupeKeyOf(
  event: string,
  callId: string,
  body: JsonObject,
  call: JsonObject,
  rawBody: string,
): string {
  if (ONCE_PER_CALL.has(event)) return `${event}:${callId}`;
  if (event.startsWith('transfer_')) {
    const start = body['start_timestamp'] ?? call['start_timestamp'] ?? '';
    const destination = body['transfer_destination'] ?? call['transfer_destination'] ?? '';
    // A destination is a phone number: hashed, since keys end in logs and indexes.
    return `${event}:${callId}:${startOf(start)}:${shortHash(JSON.stringify(destination))}`;
  }
  return `${event}:${callId}:${shortHash(rawBody)}`;
}

/** As it is, where it is one: whatever else stands there may be of any length. */
function startOf(start: unknown): string {
  return typeof start === 'number' ? String(start) : shortHash(JSON.stringify(start));
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function parseObject(rawBody: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(rawBody));
  } catch {
    return undefined;
  }
}
