import { gate, type GateVerdict } from '../../rules/gate.ts';
import type { PastCall } from '../../rules/history.ts';
import { readDisconnection } from '../../rules/disconnection.ts';
import type { ForecastContact, ForecastInput } from './types.ts';

/** One dial of a contact, as the limits count it. */
export interface PastDial extends PastCall {
  readonly localDay: string;
  readonly phone: string;
}

export interface NewDial {
  readonly atMs: number;
  readonly localDay: string;
  readonly phone: string;
  /** The provider's disconnection reason. */
  readonly reason: string;
  readonly rang: boolean;
  readonly human: boolean;
}

/** A dial that has just been made. */
export function dialled({ reason, ...dial }: NewDial): PastDial {
  const { class: kind } = readDisconnection(reason);
  return {
    ...dial,
    endedAtMs: null,
    samePerson: true,
    samePhone: true,
    declined: kind === 'declined',
    voicemail: kind === 'voicemail',
  };
}

export interface DialWish {
  readonly atMs: number;
  readonly localDay: string;
  readonly phone: string;
  /** The person asked for this call. */
  readonly rescheduled: boolean;
}

/** The same gate as before a real dial, over what this contact has lived through. */
export function gateOf(
  { pack, policy }: ForecastInput,
  { zones, phones }: ForecastContact,
  past: readonly PastDial[],
  { atMs, localDay, phone, rescheduled }: DialWish,
): GateVerdict {
  let [toPerson, toPhone] = [0, 0];
  let lastHumanAtMs: number | null = null;
  for (const dial of past) {
    if (dial.localDay === localDay) {
      toPerson += 1;
      if (dial.phone === phone) toPhone += 1;
    }
    if (dial.human === true) lastHumanAtMs = dial.endedAtMs ?? dial.atMs;
  }
  const calls =
    phones.length === 1 ? past : past.map((dial) => ({ ...dial, samePhone: dial.phone === phone }));
  return gate({
    atMs,
    latestDialMs: atMs,
    pack,
    zones,
    callsPerDay: policy.callsPerDay,
    dialsTodayToPerson: toPerson,
    dialsTodayToPhone: toPhone,
    history: { calls, messages: [] },
    doNotCall: false,
    phoneInvalid: false,
    stop: null,
    lastHumanAtMs,
    onCall: false,
    rescheduled,
    callerId: '',
    simulatedPool: true,
  });
}
