/**
 * The port to a voice provider: what the dialer, the webhook route and the sweeper need of it, in the
 * product's own words and units. One adapter today: `retell.ts`.
 */

/** Everything one dial needs. Money never travels here; ids do, so that a call can be found again. */
export interface PlaceCallRequest {
  /** Our id of the attempt: written into the call's metadata, the only way to find a call whose answer was lost. */
  readonly attemptId: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  /** E.164. */
  readonly fromNumber: string;
  /** E.164. */
  readonly toNumber: string;
  readonly agentId: string;
  /** Values spoken by the agent. The provider speaks an unset variable literally, so every one is set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Retell takes 5,000 to 300,000 and refuses the rest. */
  readonly ringMs: number;
  /** Retell takes 60,000 to 7,200,000 and refuses the rest: shorter here would not be a shorter lease. */
  readonly maxCallMs: number;
  /** What an answering machine hears, as the rule pack says. Absent: the agent's own setting decides. */
  readonly voicemail?: VoicemailAction;
}

export type VoicemailAction = { readonly kind: 'hang_up' } | { readonly kind: 'say'; readonly text: string };

/** A refusal that proves that no call was placed. */
export type RejectionReason =
  | 'bad_request' // 400, 422: our request is wrong
  | 'unauthorised' // 401, 403: our key is wrong
  | 'no_provider_credit' // 402: the provider's own wallet is empty
  | 'rate_limited'; // 429: concurrency or request rate at the provider

/**
 * The answer to one POST. `unknown` (time-out, 5xx, dropped connection) is a value, not an exception: the call may
 * ring right now, and whoever treats it as an error will dial twice.
 */
export type PlaceCallAnswer =
  | { readonly kind: 'placed'; readonly providerCallId: string }
  | {
      readonly kind: 'rejected';
      readonly reason: RejectionReason;
      readonly httpStatus: number;
      readonly message: string;
    }
  | { readonly kind: 'unknown'; readonly detail: string };

/** `registered` has been accepted and has not rung; `ended`, `not_connected` and `error` are final. */
export type ProviderCallStatus = 'registered' | 'ongoing' | 'ended' | 'not_connected' | 'error';

export interface ProviderCost {
  readonly product: string;
  /** Micro-units of USD (1 US cent = 10,000). */
  readonly costMicros: number;
}

/** A call as the provider knows it, normalised. Absent means that the provider has not said. */
export interface ProviderCall {
  readonly providerCallId: string;
  readonly status: ProviderCallStatus;
  readonly attemptId?: string;
  readonly accountId?: string;
  readonly contactId?: string;
  readonly fromNumber?: string;
  readonly toNumber?: string;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly durationMs?: number;
  readonly disconnectionReason?: string;
  /** True once the provider's analysis is there: summary, sentiment, voicemail and captured variables are final. */
  readonly analysed: boolean;
  readonly summary?: string;
  readonly sentiment?: 'positive' | 'negative' | 'neutral' | 'unknown';
  readonly successful?: boolean;
  readonly inVoicemail?: boolean;
  /** Variables that the agent captured, e.g. `fecha_pago_cliente`, `monto_pago_cliente`. */
  readonly captured: Readonly<Record<string, string>>;
  readonly billableSeconds?: number;
  /** What the provider charges us, micro-units of USD. */
  readonly costMicros?: number;
  readonly costByProduct: readonly ProviderCost[];
  readonly recordingUrl?: string;
  readonly recordingMultiChannelUrl?: string;
  readonly publicLogUrl?: string;
  readonly transcript?: string;
  /** What was said, in its order. */
  readonly turns?: readonly SpokenTurn[];
}

/** One turn of a call. Its times are from the call's beginning, as in its recording. */
export interface SpokenTurn {
  readonly role: 'agent' | 'person' | 'transfer';
  readonly text: string;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** The provider as the product uses it. No method retries by itself: whoever calls decides what a failure means. */
export interface VoiceProvider {
  /** One POST, at most. `signal` aborts it at the dial's absolute deadline. Never throws. */
  placeCall(request: PlaceCallRequest, signal: AbortSignal): Promise<PlaceCallAnswer>;
  /** The call with this attempt id in its metadata. Throws when the provider does not answer: no answer is not "none". */
  findCallByAttempt(attemptId: string): Promise<ProviderCall | undefined>;
  /** Undefined when the provider does not know the id. Throws when it does not answer. */
  getCall(providerCallId: string): Promise<ProviderCall | undefined>;
  /** Hangs up. Harmless when the call has ended. */
  stopCall(providerCallId: string): Promise<void>;
  /** Calls that run at the provider now, and its limit. */
  concurrency(): Promise<{ readonly inUse: number; readonly limit: number }>;
}

/** Takes a call away at the provider: its recording, its transcript, all that it has of it. */
export interface CallRemover {
  /** True: the provider does not know it any more. Throws when it does not answer. */
  removeCall(providerCallId: string): Promise<boolean>;
}

export type WebhookRefusal = 'unsigned' | 'forged' | 'stale' | 'malformed';

/** A webhook whose signature has been verified on its raw bytes. */
export interface VerifiedWebhook {
  readonly event: string;
  /** The provider's own advice: event and call id; with the start for transfer events. */
  readonly dedupeKey: string;
  readonly call: ProviderCall;
}

export type WebhookVerdict =
  | { readonly ok: true; readonly webhook: VerifiedWebhook }
  | { readonly ok: false; readonly refusal: WebhookRefusal };

/** A function that an agent calls during a call. */
export interface InCallFunction {
  readonly name: string;
  /** The model's: never who the call belongs to. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly providerCallId: string;
  /** From the call's metadata; absent in a call that we did not place. */
  readonly accountId: string | undefined;
  readonly attemptId: string | undefined;
}

export type FunctionVerdict =
  | { readonly ok: true; readonly request: InCallFunction }
  | { readonly ok: false; readonly refusal: WebhookRefusal };
