/**
 * The voice provider Retell behind the product's port, through the official SDK with its retries off: by default it
 * sends POST /v2/create-phone-call three times on a 5xx or a time-out, without an idempotency key, and so dials three
 * times (facts/voice.md §0.1).
 */
import { APIError, Retell } from 'retell-sdk';
import type { CallCreatePhoneCallParams } from 'retell-sdk/resources/call';
import { asObject, asText, normaliseRetellCall } from './call.ts';
import type {
  PlaceCallAnswer,
  PlaceCallRequest,
  ProviderCall,
  RejectionReason,
  VoicemailAction,
  VoiceProvider,
  CallRemover,
} from '../../domain/calls/voice-port.ts';

export interface RetellOptions {
  readonly apiKey: string;
  /** Default: Retell's own address. */
  readonly baseUrl?: string;
  /**
   * Where the provider reaches our API, without a slash at its end: each call then sends its events to its own account's
   * address. Without it, the agent's own webhook setting decides.
   */
  readonly publicUrl?: string;
  /** Longest wait for the answer to one dial. Default 30 s: below any start-to-close time-out of the dial. */
  readonly timeoutMs?: number;
  /** Longest wait for a read or a hang-up. Default 15 s. */
  readonly readTimeoutMs?: number;
}

/**
 * A read or a hang-up without a usable answer: it proves nothing about any call. Without a `cause`: it ends in workflow
 * histories, and the provider's error repeats what we sent.
 */
export class VoiceProviderError extends Error {
  override readonly name = 'VoiceProviderError';
  readonly operation: string;
  readonly httpStatus: number | undefined;

  constructor(operation: string, cause: unknown) {
    super(`${operation}: ${describe(cause)}`);
    this.operation = operation;
    this.httpStatus = statusOf(cause);
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_READ_TIMEOUT_MS = 15_000;
/** One call carries an attempt's id; a second one would be a double dial, and is looked for. */
const FIND_LIMIT = 2;

export function createRetellProvider(options: RetellOptions): VoiceProvider & CallRemover {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const readTimeoutMs = options.readTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS;
  const client = new Retell({
    apiKey: options.apiKey,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
    maxRetries: 0,
    timeout: timeoutMs,
    // The SDK's debug log prints request bodies, which hold names and amounts.
    logLevel: 'off',
    // A 307 or 308 would send the POST a second time.
    fetchOptions: { redirect: 'manual' },
  });
  // The SDK's own time-out ends with the headers; the signal bounds the body as well.
  const read = () => ({ timeout: readTimeoutMs, signal: AbortSignal.timeout(readTimeoutMs) });

  async function getCall(providerCallId: string): Promise<ProviderCall | undefined> {
    try {
      return normaliseRetellCall(await client.call.retrieve(providerCallId, read()));
    } catch (error) {
      if (isUnknownId(error)) return undefined;
      throw new VoiceProviderError('get-call', error);
    }
  }

  return {
    getCall,

    placeCall: (request, signal) => dial(client, toBody(request, options.publicUrl), signal, timeoutMs),

    async findCallByAttempt(attemptId) {
      const found = await findListed(client, attemptId, read());
      // List items carry no transcript. A call that vanished in between is still a call that was placed.
      return found === undefined ? undefined : ((await getCall(found.providerCallId)) ?? found);
    },

    async stopCall(providerCallId) {
      try {
        await client.call.stop(providerCallId, read());
      } catch (error) {
        // What the provider answers for a call that has ended is not documented, so the call itself is asked.
        const call = isClientError(error) ? await getCall(providerCallId) : undefined;
        const over = isUnknownId(error)
          ? call === undefined || isOver(call)
          : call !== undefined && isOver(call);
        if (!over) throw new VoiceProviderError('stop-call', error);
      }
    },

    async removeCall(providerCallId) {
      try {
        await client.call.delete(providerCallId, read());
      } catch (error) {
        if (isUnknownId(error)) return true;
        throw new VoiceProviderError('delete-call', error);
      }
      // What the provider has taken to remove may still be there.
      return (await getCall(providerCallId)) === undefined;
    },

    async concurrency() {
      try {
        const answer = await client.concurrency.retrieve(read());
        const { current_concurrency: inUse, concurrency_limit: limit } = answer;
        if (inUse === undefined || limit === undefined) throw new TypeError('answer without both numbers');
        return { inUse, limit };
      } catch (error) {
        throw new VoiceProviderError('get-concurrency', error);
      }
    },
  };
}

async function dial(
  client: Retell,
  body: CallCreatePhoneCallParams,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<PlaceCallAnswer> {
  try {
    const answer: unknown = await client.call.createPhoneCall(body, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      timeout: timeoutMs,
      maxRetries: 0,
    });
    const providerCallId = asText(asObject(answer)?.['call_id']);
    return providerCallId === undefined
      ? { kind: 'unknown', detail: 'accepted without a call id' }
      : { kind: 'placed', providerCallId };
  } catch (error) {
    return classifyDialError(error);
  }
}

function toBody(request: PlaceCallRequest, publicUrl: string | undefined): CallCreatePhoneCallParams {
  return {
    from_number: request.fromNumber,
    to_number: request.toNumber,
    override_agent_id: request.agentId,
    agent_override: {
      agent: {
        ring_duration_ms: request.ringMs,
        max_call_duration_ms: request.maxCallMs,
        ...(request.voicemail === undefined
          ? {}
          : { voicemail_option: { action: voicemailAction(request.voicemail) } }),
        ...(publicUrl === undefined
          ? {}
          : { webhook_url: `${publicUrl}/api/v1/webhooks/retell/${request.accountId}` }),
      },
    },
    retell_llm_dynamic_variables: { ...request.variables },
    metadata: {
      attempt_id: request.attemptId,
      account_id: request.accountId,
      batch_id: request.batchId,
      contact_id: request.contactId,
    },
  };
}

function voicemailAction(
  action: VoicemailAction,
): { type: 'hangup' } | { type: 'static_text'; text: string } {
  switch (action.kind) {
    case 'hang_up':
      return { type: 'hangup' };
    case 'say':
      return { type: 'static_text', text: action.text };
    default: {
      const unreachable: never = action;
      return unreachable;
    }
  }
}

/**
 * The statuses that prove that no call was placed. Everything else proves nothing: 408, 409, 5xx, a time-out, an
 * abort, a dropped or refused connection, a status that is not documented (a proxy's 404 says nothing of Retell).
 */
function classifyDialError(error: unknown): PlaceCallAnswer {
  const httpStatus = statusOf(error);
  const reason = httpStatus === undefined ? undefined : rejectionOf(httpStatus);
  return reason === undefined || httpStatus === undefined
    ? { kind: 'unknown', detail: describe(error) }
    : { kind: 'rejected', reason, httpStatus, message: describe(error) };
}

function rejectionOf(httpStatus: number): RejectionReason | undefined {
  switch (httpStatus) {
    case 400:
    case 422:
      return 'bad_request';
    case 401:
    case 403:
      return 'unauthorised';
    case 402:
      return 'no_provider_credit';
    case 429:
      return 'rate_limited';
    default:
      return undefined;
  }
}

type ReadOptions = { readonly timeout: number; readonly signal: AbortSignal };

async function findListed(
  client: Retell,
  attemptId: string,
  options: ReadOptions,
): Promise<ProviderCall | undefined> {
  try {
    const answer: unknown = await client.call.list(
      {
        filter_criteria: { metadata: [{ type: 'string', op: 'eq', key: 'attempt_id', value: attemptId }] },
        limit: FIND_LIMIT,
        sort_order: 'ascending',
      },
      options,
    );
    const items = asObject(answer)?.['items'];
    if (!Array.isArray(items)) throw new TypeError('answer without items');
    const calls = items.map(normaliseRetellCall);
    // A filter that the provider ignores would hand us somebody else's call, or hide ours behind it.
    if (calls.some((call) => call.attemptId !== attemptId)) throw new TypeError('the filter was not applied');
    return calls[0];
  } catch (error) {
    throw new VoiceProviderError('list-calls', error);
  }
}

function isOver(call: ProviderCall): boolean {
  return call.status !== 'registered' && call.status !== 'ongoing';
}

/** An unknown id is a 422 at Retell (facts/voice.md §1.1); 404 in case that changes. */
function isUnknownId(error: unknown): boolean {
  const httpStatus = statusOf(error);
  return httpStatus === 422 || httpStatus === 404;
}

function isClientError(error: unknown): boolean {
  const httpStatus = statusOf(error) ?? 0;
  return httpStatus >= 400 && httpStatus < 500;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof APIError && typeof error.status === 'number' ? error.status : undefined;
}

const MAX_DETAIL_CHARS = 200;

/**
 * Short, and without numbers: Retell answers things like "Item +569… not found", and these words end in histories.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error';
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${name}: ${error.message}${cause}`.replaceAll(/\+?\d{7,}/g, '<number>').slice(0, MAX_DETAIL_CHARS);
}
