import { storableJson } from '../../domain/shared/rules/storable.ts';
import { asId, asObject, type JsonObject } from './call.ts';
import { refuseSignature } from './webhook.ts';
import type { FunctionVerdict } from '../../domain/calls/voice-port.ts';

/** What Retell allows (facts/voice.md §1.7). */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** What a model says in one argument: a garbled or endless word must not cost the person's answer. */
const longestArgument = 2_000;

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
  const name = asId(body?.['name']);
  const providerCallId = asId(call?.['call_id']);
  if (body === undefined || name === undefined || !NAME.test(name) || providerCallId === undefined) {
    return { ok: false, refusal: 'malformed' };
  }
  return {
    ok: true,
    request: {
      name,
      args: asObject(storableJson(body['args'], { longestText: longestArgument })) ?? {},
      providerCallId,
      accountId: asId(metadata?.['account_id']),
      attemptId: asId(metadata?.['attempt_id']),
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
