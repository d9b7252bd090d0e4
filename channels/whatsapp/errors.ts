import type { FailureClass } from '../../domain/messages/message-port.ts';
import { type ChannelFault, faultOfStatus } from '../../domain/shared/rules/channel-faults.ts';

/** Codes of the Cloud API by what may be done about them (Meta's error reference, read November 2026). */
const classes: Readonly<Record<string, FailureClass>> = {
  // Too many messages a second from our number, or to this person.
  '130429': 'retry',
  '131056': 'retry',
  '131016': 'retry',
  '131000': 'retry',
  '1': 'retry',
  '2': 'retry',
  '4': 'retry',
  '80007': 'retry',
  // Meta's maintenance of the account, and a server of theirs that is away.
  '131057': 'retry',
  '133004': 'retry',
  // Limits that are counted by day.
  '131048': 'tomorrow',
  '131049': 'tomorrow',
  '130472': 'tomorrow',
  // Nobody there, or only a template could reach them.
  '131026': 'change_channel',
  '131047': 'change_channel',
  '131051': 'change_channel',
  '470': 'change_channel',
  // The person stopped marketing messages; people of that country are not written to from our number.
  '131050': 'change_channel',
  '130497': 'change_channel',
};

/** `stop` for what we do not know: repeating an error that nobody understands costs the number its quality rating. */
export function failureClass(code: string, httpStatus: number): FailureClass {
  // A code is what somebody sent: 'constructor' is in every object.
  if (Object.hasOwn(classes, code)) return classes[code] ?? 'stop';
  return httpStatus === 429 || httpStatus >= 500 ? 'retry' : 'stop';
}

/** Codes that name the channel's fault whatever the HTTP status is: statuses of a message have none. */
const faults: Readonly<Record<string, ChannelFault>> = {
  '0': 'credentials',
  '3': 'credentials',
  '10': 'credentials',
  '190': 'credentials',
  '131005': 'credentials',
  '131031': 'credentials',
  '133010': 'credentials',
  '131042': 'no_credit',
  '4': 'limited',
  '80007': 'limited',
  '130429': 'limited',
  '131048': 'limited',
  '131000': 'error',
  '131016': 'error',
  '131057': 'error',
  '133004': 'error',
};

/** What a failure says of the channel; null: it is about one person (nobody there, or too many messages to them). */
export function channelFault(code: string, httpStatus: number): ChannelFault | null {
  if (Object.hasOwn(faults, code)) return faults[code] ?? null;
  const found = failureClass(code, httpStatus);
  if (code === '131056' || found === 'change_channel' || found === 'tomorrow') return null;
  return httpStatus >= 400 ? faultOfStatus(httpStatus) : 'refused';
}
