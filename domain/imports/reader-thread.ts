/** The thread that reads one file: `read-in-thread.ts` starts it, and ends it when it takes too much. */
import { parentPort, workerData } from 'node:worker_threads';
import { CopyLines } from './copy-line.ts';
import { ImportFileError } from './errors.ts';
import { parseUpload } from './parse.ts';
import { keepingProblems, ProblemList } from './problem-list.ts';
import { RemarkedRows } from './remarked-rows.ts';
import { workBehindOthers } from './thread-priority.ts';
import type { ThreadMessage, ThreadTask } from './thread-messages.ts';
import type { ReadProgress } from './progress.ts';
import type { PlacedRow } from './types.ts';

const portionRows = 2_000;
const sampleRows = 5;
const aliveMs = 1_000;

const port = parentPort;
if (port === null) throw new Error('reader-thread.ts runs in a thread of read-in-thread.ts');
const say = (message: ThreadMessage): void => port.postMessage(message);
const task: ThreadTask = workerData;

workBehindOthers();
const alive = setInterval(() => say({ kind: 'alive' }), aliveMs);
try {
  await read(task);
} catch (error) {
  if (!(error instanceof ImportFileError)) throw error;
  say({ kind: 'refused', code: error.code, es: error.message_es, en: error.message_en });
} finally {
  clearInterval(alive);
  port.unref();
}

async function read({ input, limits, wantsRows }: ThreadTask): Promise<void> {
  const problems = new ProblemList();
  // A dry run stores none of them.
  const remarked = wantsRows ? new RemarkedRows() : undefined;
  const progress: ReadProgress = { share: 0 };
  const sample: PlacedRow[] = [];
  const copy = new CopyLines();
  let first = 1;
  let ordinal = 0;
  let rowsChecked = 0;
  let lastProblemRow = 0;
  let taken: Promise<unknown> = Promise.resolve();
  const flush = async (): Promise<void> => {
    if (ordinal < first) return;
    // One is stored while the next one is read; two that wait would be a file in memory.
    await taken;
    taken = new Promise((resolve) => {
      port?.once('message', (memory: ArrayBuffer) => {
        copy.giveBack(memory);
        resolve(undefined);
      });
    });
    const lines = copy.take();
    const portion = { first, last: ordinal, lines, rowsChecked, share: progress.share };
    // Handed over, not copied.
    port?.postMessage({ kind: 'portion', ...portion } satisfies ThreadMessage, [lines.buffer]);
    first = ordinal + 1;
  };
  const keeping = keepingProblems(problems, remarked, (row) => {
    rowsChecked += 1;
    if (sample.length < sampleRows) sample.push(row);
    if (!wantsRows) return;
    ordinal += 1;
    copy.add(row, ordinal);
    return ordinal - first + 1 >= portionRows ? flush() : undefined;
  });
  const sink = {
    row: (row: PlacedRow) => keeping.row(row),
    problem: (...[problem, cells]: Parameters<typeof keeping.problem>) => {
      // A row that was refused has as many problems as it has bad cells.
      if (problem.row !== lastProblemRow) rowsChecked += 1;
      lastProblemRow = problem.row;
      return keeping.problem(problem, cells);
    },
  };
  const summary = await parseUpload(input, sink, limits, progress);
  await flush();
  await taken;
  say({
    kind: 'read',
    summary,
    problems: problems.kept,
    problemsOmitted: problems.omitted,
    remarkedRows: remarked?.kept ?? [],
    remarkedRowsOmitted: remarked?.omitted ?? 0,
    sample,
  });
}
