/**
 * What can happen to a call, and how it is chosen.
 *
 * Seeded mode: by weight, from a hash of seed, number and the nth call to this number, so that a run can be repeated
 * whatever the order of the calls. Pattern mode (`outcomeMode: 'pattern'`): by the last two digits of `to_number`;
 * other endings are seeded. A list means one outcome per call to the number, the last one repeating.
 *
 * | ends in | outcome                | ends in | outcome                                             |
 * |---------|------------------------|---------|-----------------------------------------------------|
 * | 00      | promise                | 14      | max_duration                                        |
 * | 01      | no_answer              | 15      | concurrency_rejected (accepted, then `error`)       |
 * | 02      | busy                   | 16      | no_valid_payment                                    |
 * | 03      | declined               | 17      | provider_unavailable                                |
 * | 04      | voicemail              | 18      | permission_denied                                   |
 * | 05      | invalid_destination    | 19      | sip_routing_error                                   |
 * | 06      | dial_failed            | 20      | marked_as_spam                                      |
 * | 07      | silence (inactivity)   | 21      | scam_detected                                       |
 * | 08      | wrong_person           | 22      | llm_lost (fails in the middle of the call)          |
 * | 09      | no_promise             | 23      | provider_error (fails before anybody picked up)     |
 * | 10      | reschedule             | 24      | late_voicemail (a hang-up; voicemail by analysis)   |
 * | 11      | already_paid           | 25      | transferred (cost arrives late, transfer events)    |
 * | 12      | refuses                | 26      | bad_promise (date in the past)                      |
 * | 13      | ivr                    | 30      | no_answer, then promise                             |
 * |         |                        | 31      | busy, voicemail, then promise                       |
 * |         |                        | 32      | dial_failed, then promise                           |
 */
import { drawWeighted } from './random.ts';

export interface Outcome {
  readonly reason: string;
  /** Somebody or something picked up: `call_started` is sent, the call costs, there is a transcript. */
  readonly connects: boolean;
  readonly status: 'ended' | 'not_connected' | 'error';
  /** How long it rings: a drawn span, as long as allowed, or not at all. */
  readonly ring: 'drawn' | 'full' | 'none';
  readonly inVoicemail?: boolean;
  readonly sentiment?: 'Positive' | 'Negative' | 'Neutral';
  readonly successful?: boolean;
  /** `resultado` of the analysis. */
  readonly resultado?: string;
  /** Share in the seeded mix. */
  readonly weight: number;
}

const unconnected = { connects: false, status: 'not_connected', ring: 'none', weight: 0 } as const;
const failed = { connects: false, status: 'error', ring: 'none', weight: 0 } as const;
const talked = { connects: true, status: 'ended', ring: 'drawn', weight: 0 } as const;

export const OUTCOMES = {
  promise: {
    ...talked,
    reason: 'agent_hangup',
    sentiment: 'Positive',
    successful: true,
    resultado: 'compromiso_pago',
    weight: 18,
  },
  bad_promise: {
    ...talked,
    reason: 'user_hangup',
    sentiment: 'Neutral',
    successful: true,
    resultado: 'compromiso_pago',
    weight: 1,
  },
  no_promise: {
    ...talked,
    reason: 'user_hangup',
    sentiment: 'Neutral',
    successful: false,
    resultado: 'sin_compromiso',
    weight: 8,
  },
  reschedule: {
    ...talked,
    reason: 'user_hangup',
    sentiment: 'Neutral',
    successful: false,
    resultado: 'pide_llamar_despues',
    weight: 4,
  },
  already_paid: {
    ...talked,
    reason: 'user_hangup',
    sentiment: 'Neutral',
    successful: true,
    resultado: 'ya_pago',
    weight: 3,
  },
  refuses: {
    ...talked,
    reason: 'user_hangup',
    sentiment: 'Negative',
    successful: false,
    resultado: 'rechaza',
    weight: 4,
  },
  wrong_person: {
    ...talked,
    reason: 'agent_hangup',
    sentiment: 'Neutral',
    successful: false,
    resultado: 'persona_equivocada',
    weight: 3,
  },
  transferred: {
    ...talked,
    reason: 'call_transfer',
    sentiment: 'Neutral',
    successful: true,
    resultado: 'sin_compromiso',
  },
  silence: { ...talked, reason: 'inactivity', successful: false, weight: 3 },
  max_duration: {
    ...talked,
    reason: 'max_duration_reached',
    sentiment: 'Neutral',
    successful: false,
    resultado: 'sin_compromiso',
  },
  voicemail: { ...talked, reason: 'voicemail_reached', inVoicemail: true, successful: false, weight: 12 },
  late_voicemail: { ...talked, reason: 'agent_hangup', inVoicemail: true, successful: false, weight: 2 },
  ivr: { ...talked, reason: 'ivr_reached', successful: false, weight: 1 },
  llm_lost: {
    ...talked,
    status: 'error',
    reason: 'error_llm_websocket_lost_connection',
    successful: false,
    weight: 1,
  },
  no_answer: { ...unconnected, reason: 'dial_no_answer', ring: 'full', weight: 24 },
  busy: { ...unconnected, reason: 'dial_busy', weight: 6 },
  declined: { ...unconnected, reason: 'user_declined', ring: 'drawn', weight: 4 },
  invalid_destination: { ...unconnected, reason: 'invalid_destination', weight: 3 },
  dial_failed: { ...unconnected, reason: 'dial_failed', weight: 2 },
  provider_unavailable: { ...unconnected, reason: 'telephony_provider_unavailable', weight: 1 },
  permission_denied: { ...unconnected, reason: 'telephony_provider_permission_denied' },
  sip_routing_error: { ...unconnected, reason: 'sip_routing_error' },
  marked_as_spam: { ...unconnected, reason: 'marked_as_spam' },
  concurrency_rejected: { ...failed, reason: 'concurrency_limit_reached' },
  no_valid_payment: { ...failed, reason: 'no_valid_payment' },
  scam_detected: { ...failed, reason: 'scam_detected' },
  provider_error: { ...failed, reason: 'error_retell' },
} as const satisfies Readonly<Record<string, Outcome>>;

export type OutcomeName = keyof typeof OUTCOMES;

export type OutcomeScript = OutcomeName | readonly OutcomeName[];

export const DEFAULT_PATTERNS: Readonly<Record<string, OutcomeScript>> = {
  '00': 'promise',
  '01': 'no_answer',
  '02': 'busy',
  '03': 'declined',
  '04': 'voicemail',
  '05': 'invalid_destination',
  '06': 'dial_failed',
  '07': 'silence',
  '08': 'wrong_person',
  '09': 'no_promise',
  '10': 'reschedule',
  '11': 'already_paid',
  '12': 'refuses',
  '13': 'ivr',
  '14': 'max_duration',
  '15': 'concurrency_rejected',
  '16': 'no_valid_payment',
  '17': 'provider_unavailable',
  '18': 'permission_denied',
  '19': 'sip_routing_error',
  '20': 'marked_as_spam',
  '21': 'scam_detected',
  '22': 'llm_lost',
  '23': 'provider_error',
  '24': 'late_voicemail',
  '25': 'transferred',
  '26': 'bad_promise',
  '30': ['no_answer', 'promise'],
  '31': ['busy', 'voicemail', 'promise'],
  '32': ['dial_failed', 'promise'],
};

export function isOutcomeName(value: unknown): value is OutcomeName {
  return typeof value === 'string' && Object.hasOwn(OUTCOMES, value);
}

export function outcomeOf(name: OutcomeName): Outcome {
  return OUTCOMES[name];
}

export interface OutcomeChoice {
  readonly mode: 'seeded' | 'pattern';
  readonly seed: string;
  readonly patterns: Readonly<Record<string, OutcomeScript>>;
  readonly weights: Readonly<Partial<Record<OutcomeName, number>>>;
  /** Scripts for single numbers, set at run time; they come first. */
  readonly scripts: ReadonlyMap<string, OutcomeScript>;
}

export function chooseOutcome(choice: OutcomeChoice, toNumber: string, nth: number): OutcomeName {
  const script =
    choice.scripts.get(toNumber) ??
    (choice.mode === 'pattern' ? choice.patterns[toNumber.slice(-2)] : undefined);
  const scripted = typeof script === 'string' ? script : script?.[Math.min(nth, script.length) - 1];
  if (scripted !== undefined) return scripted;
  const weights = Object.keys(OUTCOMES)
    .filter(isOutcomeName)
    .map((name) => [name, choice.weights[name] ?? outcomeOf(name).weight] as const);
  return drawWeighted(weights, 'no_answer', choice.seed, 'outcome', toNumber, nth);
}
