/**
 * What a voice provider's disconnection reason means to the product: pure data, no clock, no npm imports, so that
 * workflows may read it too.
 *
 * Source: the 34 values of `disconnection_reason` in retell-sdk 5.66.1 (`resources/call.d.ts`), and the mapping of
 * facts/voice.md §1.4, columns "class", "counts as legal attempt" (`placed`) and "counts as contact" (`human`).
 */

export type DisconnectionClass =
  | 'answered'
  | 'answered_silent' // picked up, and nobody spoke
  | 'voicemail'
  | 'machine' // a menu or another robot
  | 'no_answer'
  | 'busy'
  | 'declined'
  | 'technical' // a failure of the provider or the carrier: nobody's silence
  | 'invalid_destination' // the number does not exist: never again
  | 'capacity' // refused for want of a line at the provider
  | 'provider_blocked' // wallet, trunk permission, reputation: every next call will fail as well
  | 'operator_stopped';

export type FinalCallStatus = 'ended' | 'not_connected' | 'error';

export interface Disconnection {
  readonly class: DisconnectionClass;
  /** The phone of the person rang, as far as can be known: counts as a day of silence when `human` is false. */
  readonly rang: boolean;
  /** A person picked up: a contact in the sense of the law, followed by a cool-down. */
  readonly human: boolean;
  /** The call reached the phone network: an attempt in the sense of the law, which counts against its limits. */
  readonly placed: boolean;
  /** The provider's final status for this reason; webhooks carry wrong ones (facts/voice.md §1.5). */
  readonly status: FinalCallStatus;
}

export interface DisconnectionContext {
  /** How long the parties were connected. A technical failure at 0 ms did not reach anybody. */
  readonly durationMs?: number | undefined;
  /** The provider's verdict after the call; it arrives after the reason and can contradict it. */
  readonly inVoicemail?: boolean | undefined;
}

const answered = row('answered', 'ended', { rang: true, human: true, placed: true });
const notPlaced = { rang: false, human: false, placed: false };
const rangOnly = { rang: true, human: false, placed: true };
/** `rang` and `human` of these rows follow from the duration: see `readDisconnection`. */
const byDuration = { rang: false, human: false, placed: true };

const TABLE: Readonly<Record<string, Disconnection>> = {
  user_hangup: answered,
  agent_hangup: answered,
  call_transfer: answered,
  transfer_bridged: answered,
  transfer_cancelled: answered,
  call_take_over: answered,
  max_duration_reached: answered,
  inactivity: row('answered_silent', 'ended', { rang: true, human: true, placed: true }),
  // A voicemail ends as `ended`: whoever looks at the status alone counts it as answered.
  voicemail_reached: row('voicemail', 'ended', rangOnly),
  ivr_reached: row('machine', 'ended', rangOnly),
  manual_stopped: row('operator_stopped', 'ended', byDuration),
  dial_no_answer: row('no_answer', 'not_connected', rangOnly),
  dial_busy: row('busy', 'not_connected', rangOnly),
  user_declined: row('declined', 'not_connected', rangOnly),
  dial_failed: row('technical', 'not_connected', { rang: false, human: false, placed: true }),
  invalid_destination: row('invalid_destination', 'not_connected', notPlaced),
  telephony_provider_unavailable: row('technical', 'not_connected', notPlaced),
  sip_routing_error: row('technical', 'not_connected', notPlaced),
  telephony_provider_permission_denied: row('provider_blocked', 'not_connected', notPlaced),
  marked_as_spam: row('provider_blocked', 'not_connected', { rang: false, human: false, placed: true }),
  no_valid_payment: row('provider_blocked', 'error', notPlaced),
  scam_detected: row('provider_blocked', 'error', notPlaced),
  concurrency_limit_reached: row('capacity', 'error', notPlaced),
  no_concurrency_fallback: row('capacity', 'ended', notPlaced), // inbound only
  error_llm_websocket_open: row('technical', 'error', byDuration),
  error_llm_websocket_lost_connection: row('technical', 'error', byDuration),
  error_llm_websocket_runtime: row('technical', 'error', byDuration),
  error_llm_websocket_corrupt_payload: row('technical', 'error', byDuration),
  error_no_audio_received: row('technical', 'error', byDuration),
  error_asr: row('technical', 'error', byDuration),
  error_retell: row('technical', 'error', byDuration),
  error_unknown: row('technical', 'error', byDuration),
  error_user_not_joined: row('technical', 'error', notPlaced), // web calls only
  registered_call_timeout: row('technical', 'error', notPlaced), // calls dialled by our own trunk only
};

/** The 34 reasons, for tests and for filters. */
export const DISCONNECTION_REASONS: readonly string[] = Object.keys(TABLE);

const VOICEMAIL: Disconnection = row('voicemail', 'ended', rangOnly);

/**
 * Reads one reason. A voicemail flag turns an answered call into a voicemail: without it a hang-up of our agent on an
 * answering machine would start a cool-down and stop the sequence. A reason that we do not know is technical, and
 * counts as an attempt: a new name at the provider must not open a way around the limits.
 */
export function readDisconnection(
  reason: string | undefined,
  { durationMs, inVoicemail }: DisconnectionContext = {},
): Disconnection {
  const connected = durationMs !== undefined && durationMs > 0;
  const known = reason === undefined || !Object.hasOwn(TABLE, reason) ? undefined : TABLE[reason];
  if (known === undefined) {
    const human = connected && inVoicemail !== true;
    return row('technical', connected ? 'ended' : 'error', { rang: connected, human, placed: true });
  }
  if (inVoicemail === true && (known.class === 'answered' || known.class === 'answered_silent')) {
    return VOICEMAIL;
  }
  const dependsOnDuration = known.placed && (known.class === 'operator_stopped' || known.status === 'error');
  return dependsOnDuration ? { ...known, rang: connected, human: connected && inVoicemail !== true } : known;
}

function row(
  kind: DisconnectionClass,
  status: FinalCallStatus,
  facts: { readonly rang: boolean; readonly human: boolean; readonly placed: boolean },
): Disconnection {
  return { class: kind, ...facts, status };
}
