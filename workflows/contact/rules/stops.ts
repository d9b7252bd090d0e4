import type { ContactOutcome, StopReason } from '../../../domain/contacts/rules/outcomes.ts';
import type { ContactState } from '../state.ts';

/** One outcome for each reason why nobody calls any more, whether it comes by signal or from the gate. */
export const outcomeOfStop: Readonly<Record<StopReason, ContactOutcome>> = {
  do_not_call: 'do_not_call',
  legal: 'legal',
  insolvency: 'legal',
  dispute: 'dispute',
  hardship: 'hardship',
  removed: 'removed',
  deceased: 'removed',
};

/** What the person or the law asked for comes first, then an operator, then money that came in. */
const strongestFirst: readonly ContactOutcome[] = [
  'do_not_call',
  'legal',
  'removed',
  'dispute',
  'hardship',
  'stopped',
  'cancelled',
  'promise_kept',
  'paid',
];

/** Of two reasons to end, the one that counts, in whatever order they came. */
export function strongest(one: ContactOutcome | null, other: ContactOutcome): ContactOutcome {
  if (one === null) return other;
  const [first, second] = [strongestFirst.indexOf(one), strongestFirst.indexOf(other)];
  return second < 0 || (first >= 0 && first <= second) ? one : other;
}

/** Why the contact ends as soon as no call is under way; undefined: it goes on. */
export function whyOver({ stop, cancelled }: ContactState): ContactOutcome | undefined {
  if (cancelled) return strongest(stop, 'cancelled');
  return stop ?? undefined;
}
