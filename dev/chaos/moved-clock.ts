/**
 * Preloaded into a worker (`node --import`): moves its wall clock by what a file says, in ms, looked at again and again.
 * Timers and the monotonic clock stay as they are, as when a machine's clock is set.
 */
import { readFileSync } from 'node:fs';

const file = process.env['CHAOS_CLOCK_FILE'];
const everyMs = 100;

if (file !== undefined && file !== '') move(file);

function move(path: string): void {
  const realNow = Date.now.bind(Date);
  let offsetMs = 0;
  const look = (): void => {
    try {
      const said = Number(readFileSync(path, 'utf8'));
      if (Number.isFinite(said)) offsetMs = said;
    } catch {
      // Not written yet: the clock is right.
    }
  };
  look();
  setInterval(look, everyMs).unref();
  const now = (): number => realNow() + offsetMs;
  globalThis.Date = new Proxy(Date, {
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
    apply: () => new Date(now()).toString(),
    construct: (target, args, newTarget) =>
      args.length === 0 ? new target(now()) : Reflect.construct(target, args, newTarget),
  });
}
