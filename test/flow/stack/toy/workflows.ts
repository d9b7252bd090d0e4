import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';

export const nudgeSignal = defineSignal<[string]>('nudge');

interface ToyActivities {
  note(atMs: number): Promise<void>;
}

const { note } = proxyActivities<ToyActivities>({ startToCloseTimeout: '10 s' });

const DAY_MS = 24 * 3600 * 1000;

/** Notes the instant once a day. */
export async function threeDays(): Promise<number> {
  const startedAtMs = Date.now();
  for (let day = 0; day < 3; day += 1) {
    await sleep(DAY_MS);
    await note(Date.now());
  }
  return Date.now() - startedAtMs;
}

/** Waits a day for a signal; answers what it got and after how many hours, rounded: its first task may come seconds after its start. */
export async function waitADay(): Promise<string> {
  const startedAtMs = Date.now();
  let got: string | undefined;
  setHandler(nudgeSignal, (text) => {
    got = text;
  });
  await condition(() => got !== undefined, DAY_MS);
  return `${got ?? 'nothing'} after ${Math.round((Date.now() - startedAtMs) / 3_600_000)} h`;
}
