import { gate, type GateVerdict } from '../policy/rules/gate.ts';
import type { PastCall } from '../policy/rules/history.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import { readDisconnection } from '../calls/rules/disconnection.ts';
import type { ForecastContact, ForecastInput } from './types.ts';

/** One dial of a contact, as the limits count it. */
export interface PastDial extends PastCall {
  readonly endedAtMs: number;
  readonly localDay: string;
  readonly phone: string;
}

export interface NewDial {
  readonly atMs: number;
  readonly endedAtMs: number;
  readonly localDay: string;
  readonly phone: string;
  /** The provider's disconnection reason. */
  readonly reason: string;
  readonly rang: boolean;
  readonly human: boolean;
}

/** A dial as the limits count it. Its end is known at once: no other dial to this person is asked about before it. */
export function dialled({ reason, ...dial }: NewDial): PastDial {
  const { class: kind } = readDisconnection(reason);
  return {
    ...dial,
    samePerson: true,
    samePhone: true,
    declined: kind === 'declined',
    voicemail: kind === 'voicemail',
  };
}

const allowed: GateVerdict = { allowed: true, waived: [] };

export interface DialWish {
  readonly atMs: number;
  readonly localDay: string;
  readonly phone: string;
  /** The person asked for this call. */
  readonly rescheduled: boolean;
}

/**
 * A pack whose only limit on calls is a number a day. Inside a legal slot such a pack forbids nothing to a person whom
 * nobody has spoken to and whose day is not full: asking the whole gate 300,000 times would be most of a forecast.
 */
export function isPlain({ limits, declinedIsHuman, voicemailIsHuman }: RulePack): boolean {
  const plain = limits.every(
    ({ channel, countOn, per, minGapMs }) =>
      channel === 'messaging' || (countOn === 'attempt' && per.kind === 'day' && minGapMs === undefined),
  );
  return plain && !declinedIsHuman && !voicemailIsHuman;
}

/** The same gate as before a real dial, over what this contact has lived through. */
export function gateOf(
  { pack, policy }: ForecastInput,
  { zones, phones }: ForecastContact,
  past: readonly PastDial[],
  { atMs, localDay, phone, rescheduled }: DialWish,
  limit: { readonly isPlain: boolean; readonly perDay: number },
): GateVerdict {
  const today = past.filter((dial) => dial.localDay === localDay).length;
  const hasAnswered = past.some((dial) => dial.human === true);
  if (limit.isPlain && !hasAnswered && today < limit.perDay) return allowed;
  const calls =
    phones.length === 1 ? past : past.map((dial) => ({ ...dial, samePhone: dial.phone === phone }));
  return gate({
    atMs,
    latestDialMs: atMs,
    pack,
    zones,
    callsPerDay: policy.callsPerDay,
    history: { calls, messages: [] },
    doNotCall: false,
    blocked: false,
    phoneInvalid: false,
    stop: null,
    onCall: false,
    requestedByPerson: rescheduled,
    callerId: '',
    simulatedPool: true,
  });
}
