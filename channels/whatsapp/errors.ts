import type { FailureClass } from '../../domain/messages/message-port.ts';

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
  const known = classes[code];
  if (known !== undefined) return known;
  return httpStatus === 429 || httpStatus >= 500 ? 'retry' : 'stop';
}
