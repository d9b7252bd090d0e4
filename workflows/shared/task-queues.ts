/** Contacts, batches and dialers share one queue: any worker can do any of it. */
export const TASK_QUEUE = 'tandas';
