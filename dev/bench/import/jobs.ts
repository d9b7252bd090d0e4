import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a child process does with a file, and nothing else: its peak memory is that of the work. */
export type Job =
  | { readonly kind: 'parse'; readonly path: string; readonly rows: number }
  | { readonly kind: 'guard'; readonly path: string }
  | {
      readonly kind: 'store';
      readonly path: string;
      readonly rows: number;
      readonly url: string;
      readonly accountId: string;
    }
  /** Stored, and made into a batch's contacts. */
  | {
      readonly kind: 'ready';
      readonly path: string;
      readonly rows: number;
      readonly url: string;
      readonly accountId: string;
      readonly poolId: string;
    }
  /** Lines of COPY into a staging table and from there, without repeats, into a table like core.import_row. */
  | { readonly kind: 'copy'; readonly path: string; readonly url: string }
  /** Lines of COPY into a table, and no more. */
  | { readonly kind: 'bareCopy'; readonly path: string; readonly url: string };

export interface JobResult {
  readonly ms: number;
  readonly rows: number;
  /** Resident memory of the process at its highest, Node and modules included. */
  readonly peakMb: number;
  /** The code that a file was refused with, or 'taken'. */
  readonly refusal: string;
}

/** As docker-compose.yml starts the API: young objects of a row die young, and a large space for them only stays resident. */
const apiFlags = ['--max-semi-space-size=8', '--max-old-space-size=768'];

export function inProcess(job: Job): Promise<JobResult> {
  const file = fileURLToPath(new URL('./child.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(file, [JSON.stringify(job)], { execArgv: apiFlags, stdio: ['ignore', 2, 2, 'ipc'] });
    let result: JobResult | undefined;
    child.on('message', (message) => {
      if (isResult(message)) result = message;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0 && result !== undefined) resolve(result);
      else reject(new Error(`${job.kind} of ${job.path} ended with code ${code}`));
    });
  });
}

function isResult(value: unknown): value is JobResult {
  return typeof value === 'object' && value !== null && 'ms' in value && 'peakMb' in value;
}
