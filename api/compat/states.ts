import { unreachedOutcomes } from '../../domain/contacts/rules/outcomes.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import type { ContactFilter } from '../../domain/contacts/queries-list.ts';

/** States of a job, as the first system named them. */
export const jobStates = ['pending', 'in_progress', 'suspended', 'done', 'failed'] as const;
export type JobState = (typeof jobStates)[number];

const ofState: Readonly<Record<Exclude<ContactState, 'closed'>, JobState>> = {
  planned: 'pending',
  waiting: 'pending',
  paused: 'pending',
  // Called, and followed until what was agreed is paid: the first system would call such a job again.
  negotiating: 'pending',
  calling: 'in_progress',
  suspended: 'suspended',
};

/** A contact in the words of the first system. */
export function jobStateOf({
  state,
  outcome,
}: {
  readonly state: ContactState;
  readonly outcome: string | null;
}): JobState {
  if (state !== 'closed') return ofState[state];
  const failed: readonly string[] = unreachedOutcomes;
  return outcome !== null && failed.includes(outcome) ? 'failed' : 'done';
}

type States = Pick<ContactFilter, 'states' | 'outcomes' | 'otherThan'>;

/** The contacts that are jobs of a state: the other way round. */
export function contactsOf(job: JobState): States {
  if (job === 'done') return { states: ['closed'], otherThan: unreachedOutcomes };
  if (job === 'failed') return { states: ['closed'], outcomes: unreachedOutcomes };
  const states = Object.entries(ofState).flatMap(([state, own]) => (own === job ? [state] : []));
  return { states: states.filter(isOpen) };
}

function isOpen(state: string): state is keyof typeof ofState {
  return Object.hasOwn(ofState, state);
}

/** How many jobs are in each state. */
export function countJobs(
  contacts: readonly {
    readonly state: ContactState;
    readonly outcome: string | null;
    readonly contacts: number;
  }[],
): Record<JobState, number> {
  const jobs = { pending: 0, in_progress: 0, suspended: 0, done: 0, failed: 0 };
  for (const some of contacts) jobs[jobStateOf(some)] += some.contacts;
  return jobs;
}
