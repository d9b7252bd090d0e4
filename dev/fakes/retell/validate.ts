/** Validation of a create as Retell does it: ranges and types from retell-sdk 5.66.1 and facts/voice.md §1.2, §1.3. */
import type { CreateRequest, Json } from './types.ts';

/** A refusal with Retell's own words. */
export interface Refusal {
  readonly status: 400 | 401 | 402 | 422 | 429 | 500;
  readonly message: string;
}

export const BAD_REQUEST: Refusal = {
  status: 400,
  message: 'Invalid request format, please check API reference.',
};
export const UNAUTHORISED: Refusal = { status: 401, message: 'API key is missing or invalid.' };
export const NO_CREDIT: Refusal = { status: 402, message: 'Trial has ended, please add payment method.' };
export const UNKNOWN_ASSET: Refusal = {
  status: 422,
  message: 'Cannot find requested asset under given api key.',
};
export const NUMBER_REFUSED: Refusal = {
  status: 422,
  message: 'to_number is not a number that can be called',
};
export const RATE_LIMITED: Refusal = {
  status: 429,
  message: 'Account rate limited, please throttle your requests.',
};
export const SERVER_ERROR: Refusal = { status: 500, message: 'An unexpected server error occurred.' };

const E164 = /^\+[1-9]\d{6,14}$/;
const MAX_METADATA_BYTES = 50_000;

export function asJson(value: unknown): Json | undefined {
  // The cast is safe: every property is still `unknown`.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function validateCreate(
  raw: unknown,
  fromNumbers: readonly string[] | undefined,
): { readonly request: CreateRequest } | { readonly refusal: Refusal } {
  const body = asJson(raw);
  const from = body?.['from_number'];
  const to = body?.['to_number'];
  if (body === undefined || typeof from !== 'string' || typeof to !== 'string') return refuse(BAD_REQUEST);
  const ignoreFrom = body['ignore_e164_validation'] === true;
  if (!E164.test(to) || (!E164.test(from) && !ignoreFrom)) return refuse(BAD_REQUEST);

  const override = optional(body, 'agent_override', asJson);
  const agent = optional(override.value ?? {}, 'agent', asJson);
  const fields = {
    override_agent_id: optional(body, 'override_agent_id', asName),
    metadata: optional(body, 'metadata', asJson),
    retell_llm_dynamic_variables: optional(body, 'retell_llm_dynamic_variables', asTexts),
    custom_sip_headers: optional(body, 'custom_sip_headers', asTexts),
    ring_duration_ms: optional(agent.value ?? {}, 'ring_duration_ms', asWholeBetween(5000, 300_000)),
    max_call_duration_ms: optional(
      agent.value ?? {},
      'max_call_duration_ms',
      asWholeBetween(60_000, 7_200_000),
    ),
    webhook_url: optional(agent.value ?? {}, 'webhook_url', asName),
  };
  if (!override.valid || !agent.valid || Object.values(fields).some((field) => !field.valid)) {
    return refuse(BAD_REQUEST);
  }
  if (Buffer.byteLength(JSON.stringify(fields.metadata.value ?? {})) > MAX_METADATA_BYTES) {
    return refuse(BAD_REQUEST);
  }
  // A number that is neither bought nor imported.
  if (fromNumbers !== undefined && !fromNumbers.includes(from)) return refuse(UNKNOWN_ASSET);
  return {
    request: {
      from_number: from,
      to_number: to,
      ...keep('override_agent_id', fields.override_agent_id.value),
      ...keep('metadata', fields.metadata.value),
      ...keep('retell_llm_dynamic_variables', fields.retell_llm_dynamic_variables.value),
      ...keep('custom_sip_headers', fields.custom_sip_headers.value),
      ...keep('ring_duration_ms', fields.ring_duration_ms.value),
      ...keep('max_call_duration_ms', fields.max_call_duration_ms.value),
      ...keep('webhook_url', fields.webhook_url.value),
    },
  };
}

function refuse(refusal: Refusal): { readonly refusal: Refusal } {
  return { refusal };
}

interface Field<T> {
  readonly valid: boolean;
  readonly value: T | undefined;
}

/** Absent is valid; present and of the wrong type is not. */
function optional<T>(body: Json, name: string, read: (value: unknown) => T | undefined): Field<T> {
  const raw = body[name];
  if (raw === undefined) return { valid: true, value: undefined };
  const value = read(raw);
  return { valid: value !== undefined, value };
}

function asName(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asWholeBetween(min: number, max: number): (value: unknown) => number | undefined {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

/** Dynamic variables and SIP headers: strings only, a number is refused. */
function asTexts(value: unknown): Readonly<Record<string, string>> | undefined {
  const texts: Record<string, string> = {};
  const entries = asJson(value);
  if (entries === undefined) return undefined;
  for (const [name, text] of Object.entries(entries)) {
    if (typeof text !== 'string') return undefined;
    texts[name] = text;
  }
  return texts;
}

export function keep<Key extends string, const Value>(
  key: Key,
  value: Value | undefined,
): { [K in Key]?: Value } {
  // The cast is safe: the object has this one key or none.
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
