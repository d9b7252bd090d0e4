import type { Database } from '../../db/client.ts';
import { type CountedFault, keyOf, writeFaults } from './queries-channel-health.ts';
import { CHANNEL_FAULTS, type FaultNote, type NoteFault, WATCHED_CHANNELS } from './rules/channel-faults.ts';

export interface FaultNotes {
  readonly note: NoteFault;
  /** Writes what has not been written. */
  close(): Promise<void>;
}

export interface FaultNotesDeps {
  readonly app: Database;
  /** Counts so many for the metrics of this process. */
  readonly counted: (note: FaultNote, times: number) => void;
  readonly onError: (error: unknown) => void;
  /** Default: a second. A channel that fails a hundred times in it is one row. */
  readonly writeAfterMs?: number;
}

/** Failures of channels: counted at once, and written together a little later, outside of everybody's transactions. */
export function createFaultNotes({
  app,
  counted,
  onError,
  writeAfterMs = 1_000,
}: FaultNotesDeps): FaultNotes {
  // From the start: an alert cannot read a counter that nobody has seen.
  for (const where of WATCHED_CHANNELS) for (const fault of CHANNEL_FAULTS) counted({ ...where, fault }, 0);
  const waiting = new Map<string, CountedFault>();
  let timer: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const faults = [...waiting.values()];
    waiting.clear();
    if (faults.length === 0) return;
    try {
      await writeFaults(app, faults);
    } catch (error) {
      // The counter has them, and each contact its own story: a database that is away is told of elsewhere.
      onError(error);
    }
  };
  return {
    note(note) {
      counted(note, 1);
      const key = keyOf(note);
      waiting.set(key, { ...note, times: (waiting.get(key)?.times ?? 0) + 1 });
      timer ??= setTimeout(() => void write(), writeAfterMs).unref();
    },
    close: write,
  };
}
