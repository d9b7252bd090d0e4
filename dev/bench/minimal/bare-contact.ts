import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import { callEndedSignal, lineGrantedSignal } from '../../../workflows/contact/contract.ts';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '30 s' });
const hourMs = 3_600_000;

/**
 * The leanest attempt that Temporal can record at all: start, a grant, one activity, one timer that does not fire, an end.
 * It asks for nothing and writes nothing.
 */
export async function bareContact(): Promise<void> {
  let isGranted = false;
  let hasEnded = false;
  setHandler(lineGrantedSignal, () => void (isGranted = true));
  setHandler(callEndedSignal, () => void (hasEnded = true));
  await condition(() => isGranted, hourMs);
  await nothing();
  await condition(() => hasEnded);
}

/** Asleep until an instant, as contacts are that hold their own clock. */
export async function bareSleeper(wakeAtMs: number): Promise<void> {
  await condition(() => false, Math.max(1, wakeAtMs - Date.now()));
}
