import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export interface Loop {
  stop(): Promise<void>;
}

const longestPauseMs = 10_000;

/**
 * Runs `step` again and again until stopped. A step that throws is logged and repeated after a growing pause: the
 * database or Temporal may be away for an hour, and the loop must still be there when they come back.
 */
export function startLoop(
  name: string,
  logger: Logger,
  step: (isStopping: () => boolean) => Promise<void>,
): Loop {
  let stopping = false;
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopping) {
      try {
        await step(() => stopping);
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, loop: name, failures }, 'loop step failed');
        await sleep(Math.min(longestPauseMs, 200 * 2 ** Math.min(failures, 10)));
      }
    }
  };
  const running = run();
  return {
    async stop() {
      stopping = true;
      await running;
    },
  };
}
