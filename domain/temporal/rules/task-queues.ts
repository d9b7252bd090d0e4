/** Contacts, batches and rehearsals share one queue: any worker can do any of it. */
export const TASK_QUEUE = 'tandas';

/**
 * Of one worker, 0.1 to 0.3 MB each: the contacts of the day's groups, which wake several times. One that is not there
 * replays its history in a context of its own, some fifty milliseconds of a core: with a hundred kept, twenty lines were
 * full after 2.4 s instead of 1.2 s.
 */
export const maxCachedWorkflows = 2_000;
