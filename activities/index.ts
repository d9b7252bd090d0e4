import { type BatchDeps, createBatchActivities } from './batch/create-batch-activities.ts';
import { createContactActivities } from './contact/create-contact-activities.ts';
import type { ContactDeps } from './contact/deps.ts';
import { withEndOfAttempts } from './end-of-attempts.ts';
import { createEntityActivities } from './entity/create-entity-activities.ts';
import { createImportActivities } from './import/create-import-activities.ts';
import { createRehearsalActivities } from './rehearsal/create-rehearsal-activities.ts';
import type { RunDeps } from '../domain/imports/run-import.ts';

export type ActivityDeps = ContactDeps &
  BatchDeps & {
    /** Default: no file can be read. */
    readonly files?: Pick<RunDeps, 'pool' | 'store' | 'secrets'>;
  };

/** Everything that a worker can be asked to do, from what it was given. */
export function createActivities(deps: ActivityDeps): Record<string, (...args: never[]) => Promise<unknown>> {
  const all: Record<string, (...args: never[]) => Promise<unknown>> = {};
  const features = [
    createContactActivities(deps),
    createBatchActivities(deps),
    ...(deps.files === undefined ? [] : [createImportActivities({ app: deps.app, ...deps.files })]),
    createRehearsalActivities(deps),
    createEntityActivities(deps),
  ];
  for (const [name, activity] of features.flatMap((feature) => Object.entries(feature))) {
    // Two activities of one name: the second would silently take the first one's place.
    if (name in all) throw new Error(`two activities are called "${name}"`);
    all[name] = withEndOfAttempts(activity);
  }
  return all;
}
