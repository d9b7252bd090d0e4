import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInThread } from '../../../domain/imports/read-in-thread.ts';
import type { ParseInput } from '../../../domain/imports/types.ts';
import { debtorsCsv } from '../../support/imports.ts';
import { createTestFolder, refusalOf, type TestFolder } from '../../unit/imports/fixtures.ts';

let folder: TestFolder;
let large: ParseInput;
beforeAll(async () => {
  folder = await createTestFolder();
  const path = await folder.file('large.csv', debtorsCsv(60_000));
  large = { path, fileName: 'large.csv', defaults: { country: 'CL' } };
});
afterAll(() => folder.remove());

describe('a file that is read in a thread', () => {
  it('comes in portions of 2,000 rows, one behind the other, the same ones each time', async () => {
    const portions = async () => {
      const seen: (readonly [number, number, number])[] = [];
      const { summary } = await readInThread(large, {
        onPortion: ({ first, last, lines }) => {
          seen.push([first, last, Buffer.from(lines).toString().split('\n').length - 1]);
          return Promise.resolve();
        },
      });
      expect(summary.rowsGood).toBe(60_000);
      return seen;
    };
    const first = await portions();
    expect(first).toEqual(Array.from({ length: 30 }, (_, n) => [n * 2_000 + 1, (n + 1) * 2_000, 2_000]));
    expect(await portions()).toEqual(first);
  });

  it.runIf(process.platform === 'linux')('is read behind the threads that serve others', async () => {
    const seen: number[] = [];
    await readInThread(large, {
      onPortion: async () => {
        for (const thread of await readdir('/proc/self/task')) {
          const stat = await readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => '');
          // The 19th field, behind a name that may have spaces.
          const nice = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
          if (nice > getPriority()) seen.push(nice);
        }
      },
    });
    expect(new Set(seen)).toEqual(new Set([19]));
  });

  it('that takes more memory than it is given is refused, and this process goes on', async () => {
    expect(await refusalOf(readInThread(large, { heapMb: 4 }))).toBe('too_large_to_read');
  });

  it('that takes too long, or whose thread says nothing any more, is refused', async () => {
    expect(await refusalOf(readInThread(large, { withinMs: 1 }))).toBe('too_slow_to_read');
    expect(await refusalOf(readInThread(large, { silentMs: 1 }))).toBe('too_slow_to_read');
  });

  it('that nobody wants any more ends at once, with the reason', async () => {
    const cancelled = new AbortController();
    const reading = readInThread(large, {
      signal: cancelled.signal,
      onPortion: () => {
        cancelled.abort(new Error('not wanted'));
        return Promise.resolve();
      },
    });
    await expect(reading).rejects.toThrow('not wanted');
    await expect(readInThread(large, { signal: cancelled.signal })).rejects.toThrow('not wanted');
  });

  it('that is none is refused in words, and what fails while a portion is stored comes out as it is', async () => {
    const missing = { ...large, path: join(folder.path, 'none.csv') };
    await expect(readInThread(missing)).rejects.toThrow(/ENOENT/);
    const empty = { ...large, path: await folder.file('empty.csv', '') };
    expect(await refusalOf(readInThread(empty))).toBe('empty_file');
    const failing = readInThread(large, {
      onPortion: () => Promise.reject(new Error('the database is away')),
    });
    await expect(failing).rejects.toThrow('the database is away');
  });
});
