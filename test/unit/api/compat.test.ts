import { expect, it } from 'vitest';
import { contactsOf, countJobs, type JobState, jobStateOf, jobStates } from '../../../api/compat/states.ts';

/** What docs/integration.md promises, written down a second time. */
const promised: readonly (readonly [state: string, outcome: string | null, job: JobState])[] = [
  ['planned', null, 'pending'],
  ['waiting', null, 'pending'],
  ['paused', null, 'pending'],
  ['negotiating', null, 'pending'],
  ['calling', null, 'in_progress'],
  ['suspended', null, 'suspended'],
  ['closed', 'exhausted', 'failed'],
  ['closed', 'excluded', 'failed'],
  ['closed', 'no_phone', 'failed'],
  ['closed', 'no_legal_time', 'failed'],
  ['closed', 'expired', 'failed'],
  ['closed', 'promise', 'done'],
  ['closed', 'paid', 'done'],
  ['closed', 'promise_broken', 'done'],
  ['closed', 'cancelled', 'done'],
  ['closed', 'do_not_call', 'done'],
];

const contacts = promised.map(([state, outcome, job]) => ({
  state: state as Parameters<typeof jobStateOf>[0]['state'],
  outcome,
  job,
}));

it('a contact has the state of its job, and each filter finds exactly the contacts of its state', () => {
  for (const contact of contacts) {
    expect(jobStateOf(contact), JSON.stringify(contact)).toBe(contact.job);
    const finds = jobStates.filter((job) => {
      const { states, outcomes, otherThan } = contactsOf(job);
      const { state, outcome } = contact;
      return (
        states?.includes(state) === true &&
        (outcomes === undefined || (outcome !== null && outcomes.includes(outcome))) &&
        (otherThan === undefined || (outcome !== null && !otherThan.includes(outcome)))
      );
    });
    expect(finds, JSON.stringify(contact)).toEqual([contact.job]);
  }
});

it('jobs are counted by contacts, not by rows', () => {
  const counted = countJobs(contacts.map((contact, index) => ({ ...contact, contacts: 10 ** (index % 3) })));
  const sum = (job: JobState): number =>
    contacts.reduce((all, one, index) => all + (one.job === job ? 10 ** (index % 3) : 0), 0);
  expect(counted).toEqual(Object.fromEntries(jobStates.map((job) => [job, sum(job)])));
});
