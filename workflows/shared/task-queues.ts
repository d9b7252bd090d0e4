/** Contacts, batches and dialers share one queue: any worker can do any of it. */
export const TASK_QUEUE = 'tandas';

/**
 * Of one worker, about 0.3 MB each. Those on a line and those just granted, not those that sleep for hours: one that wakes
 * replays its forty events in milliseconds.
 */
export const maxCachedWorkflows = 100;
