import type { RehearsalReport, Story } from './types.ts';

type OlderStory = Omit<Story, 'national_id' | 'phones' | 'debt'> & Partial<Story>;
type OlderReport = Omit<RehearsalReport, 'checks' | 'stories'> &
  Partial<Pick<RehearsalReport, 'checks'>> & { readonly stories: readonly OlderStory[] };

/** Parser of a report that was stored as JSON by this project; the first ones had less of each person. */
export function parseReport(stored: unknown): RehearsalReport {
  const isReport =
    typeof stored === 'object' && stored !== null && 'stories' in stored && 'calendar' in stored;
  if (!isReport) throw new Error('the stored report is not one of a rehearsal');
  const report = stored as unknown as OlderReport;
  return {
    ...report,
    checks: report.checks ?? [],
    stories: report.stories.map((story) => ({ national_id: null, phones: [], debt: [], ...story })),
  };
}
