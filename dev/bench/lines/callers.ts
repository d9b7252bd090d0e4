import { setTimeout as sleep } from 'node:timers/promises';
import type { Contact } from './load.ts';
import type { Recorder } from './record.ts';

/** Holds a line for one call, as an outside observer counts it. False when the run ended meanwhile. */
export async function holdLine(recorder: Recorder, contact: Contact, call: number): Promise<boolean> {
  const callMs = contact.callsMs[call] ?? 0;
  recorder.dialled(contact.account, callMs);
  // Calls that outlast the run are of no interest any more.
  await sleep(Math.max(0, Math.min(callMs, recorder.endMs - performance.now())));
  if (performance.now() >= recorder.endMs) return false;
  recorder.hungUp();
  return true;
}
