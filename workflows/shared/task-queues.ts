/** Contacts, batches and dialers share one queue: any worker can do any of it. */
export const TASK_QUEUE = 'tandas';

/**
 * Of one worker, 0.1 to 0.3 MB each: the contacts of the day's groups, which wake several times. One that is not there
 * replays its history in a context of its own, some fifty milliseconds of a core: with a hundred, twenty lines took half
 * as long again to fill.
 */
export const maxCachedWorkflows = 2_000;
