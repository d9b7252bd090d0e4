/** Contacts, batches and imports share one queue: any worker can do any of it. */
export const TASK_QUEUE = 'tandas';

/**
 * Rehearsals and their contacts, which live as fast as they are worked: on the other queue, a few would hold every slot
 * that a live call waits for.
 */
export const REHEARSAL_TASK_QUEUE = 'tandas-rehearsals';

/** What one worker process does of rehearsals at once; the rest waits in their queue, and costs live calls nothing. */
export const rehearsalSlots = 3;

/** The contacts of the groups of a few rehearsals. */
export const rehearsalCachedWorkflows = 500;

/**
 * Of one worker, 0.1 to 0.3 MB each: the contacts of the day's groups, which wake several times. One that is not there
 * replays its history in a context of its own, some fifty milliseconds of a core: with a hundred kept, twenty lines were
 * full after 2.4 s instead of 1.2 s.
 */
export const maxCachedWorkflows = 2_000;
