import { asObject, asText, type JsonObject } from './call.ts';
import { refuseSignature } from './webhook.ts';
import type { FunctionVerdict } from '../../domain/calls/voice-port.ts';

/** What Retell allows (facts/voice.md §1.7). */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Verifies an in-call function on its raw bytes and reads who calls it: `{name, call, args}`. Who the call belongs to
 * comes from the metadata that we wrote into it; arguments are the model's, and name nobody.
 */
export async function verifyRetellFunction(
  rawBody: string,
  signature: string | undefined,
  apiKey: string,
  nowMs: number = Date.now(),
): Promise<FunctionVerdict> {
  const refusal = await refuseSignature(rawBody, signature, apiKey, nowMs);
  if (refusal !== undefined) return { ok: false, refusal };
  const body = parse(rawBody);
  const call = asObject(body?.['call']);
  const metadata = asObject(call?.['metadata']);
  const name = asText(body?.['name']);
  const providerCallId = asText(call?.['call_id']);
  if (body === undefined || name === undefined || !NAME.test(name) || providerCallId === undefined) {
    return { ok: false, refusal: 'malformed' };
  }
  return {
    ok: true,
    request: {
      name,
      args: asObject(storable(body['args'])) ?? {},
      providerCallId,
      accountId: asText(metadata?.['account_id']),
      attemptId: asText(metadata?.['attempt_id']),
    },
  };
}

function parse(rawBody: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(rawBody));
  } catch {
    return undefined;
  }
}

/** jsonb takes neither NUL nor half a surrogate pair: a garbled word must not cost the person's answer. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '');
  if (Array.isArray(value)) return value.map(storable);
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    Object.entries(object).map(([key, inner]) => [String(storable(key)), storable(inner)]),
  );
}
