import type { RehearsalReport } from './types.ts';

/** Parser of a report that was stored as JSON by this project, of this shape since the first release. */
export function parseReport(stored: unknown): RehearsalReport {
  const isReport =
    typeof stored === 'object' && stored !== null && 'stories' in stored && 'calendar' in stored;
  if (!isReport) throw new Error('the stored report is not one of a rehearsal');
  return stored as unknown as RehearsalReport;
}
