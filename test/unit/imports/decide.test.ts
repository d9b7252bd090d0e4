import { describe, expect, it } from 'vitest';
import {
  decideImport,
  type ImportFact,
  openImport,
  parseImportFact,
} from '../../../workflows/import/decide.ts';

const at = (fact: ImportFact, atMs: number) => ({ ...fact, atMs });

describe('an import', () => {
  it('tries again while other files of its account are read: after 1, 2, 4, 8 and then 15 seconds', () => {
    let { state } = openImport();
    let nowMs = 0;
    const pauses: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      state = decideImport(state, at({ type: 'UploadRead', state: 'busy' }, nowMs)).state;
      pauses.push((state.nextWakeAtMs ?? 0) - nowMs);
      nowMs = state.nextWakeAtMs ?? 0;
      const woken = decideImport(state, at({ type: 'DeadlineReached' }, nowMs));
      expect(woken.commands).toEqual([{ type: 'ReadUpload' }]);
      state = woken.state;
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });

  it('reads no second time beside a reading, and not before its time', () => {
    const { state } = openImport();
    expect(decideImport(state, at({ type: 'DeadlineReached' }, 5)).commands).toEqual([]);
    const waiting = decideImport(state, at({ type: 'ReadFailed' }, 0)).state;
    expect(decideImport(waiting, at({ type: 'DeadlineReached' }, 59_999)).commands).toEqual([]);
    expect(decideImport(waiting, at({ type: 'DeadlineReached' }, 60_000)).commands).toHaveLength(1);
  });

  it('ends as its row says', () => {
    const { state } = openImport();
    for (const end of ['stored', 'failed', 'cancelled', 'gone'] as const) {
      expect(decideImport(state, at({ type: 'UploadRead', state: end }, 0)).state.phase).toBe(end);
    }
    expect(decideImport(state, at({ type: 'CancelRequested' }, 0)).commands).toEqual([
      { type: 'CancelImport' },
    ]);
  });

  it('takes no answer of another form', () => {
    expect(() => parseImportFact({ type: 'UploadRead', state: 'half' })).toThrow();
    expect(() => parseImportFact({ type: 'Other' })).toThrow();
    expect(parseImportFact({ type: 'UploadRead', state: 'busy' })).toEqual({
      type: 'UploadRead',
      state: 'busy',
    });
  });
});
