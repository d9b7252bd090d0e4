import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/**
 * One timer that outlives the waits of a workflow. Starting and stopping a timer at every event costs two events of
 * history and one billable action each time; this one is only touched when the instant itself changes.
 */
export class Alarm {
  #armed: { readonly atMs: number; readonly scope: CancellationScope } | undefined;

  /** Sees to it that the alarm rings at this instant, and at no other. */
  arm(atMs: number, summary: string): void {
    if (this.#armed?.atMs === atMs) return;
    this.#armed?.scope.cancel();
    const armed = { atMs, scope: new CancellationScope() };
    this.#armed = armed;
    armed.scope
      // A time-out of 0 or less is 1 ms to the SDK; said here so that nobody relies on it.
      .run(async () => sleep(Math.max(1, atMs - Date.now()), { summary }))
      .then(
        () => {
          if (this.#armed === armed) this.#armed = undefined;
        },
        // Stopped for another instant, or with its workflow: nobody waits for it any more.
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }

  /** Whether it will still ring. False: it has rung, or was never armed. */
  get isArmed(): boolean {
    return this.#armed !== undefined;
  }
}
