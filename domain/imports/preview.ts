import { type SameFile } from './queries.ts';
import { findSameFile } from './queries.ts';
/** What an upload would create, without creating it. */
import { type Database, inAccount } from '../../db/client.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { parseUpload } from './parse.ts';
import { keepingProblems, ProblemList } from './problem-list.ts';
import type { ImportSummary, ParsedRow, ParseInput, RowProblem } from './types.ts';

const SAMPLE_ROWS = 5;

/** JSON-plain but for the sample's amounts (bigint). */
export interface ImportPreview {
  readonly summary: ImportSummary;
  /** At most 1,000, refusals before notices when there are more. */
  readonly problems: readonly RowProblem[];
  readonly problemsOmitted: number;
  /** Newest first; empty when the file is new. */
  readonly sameFile: readonly SameFile[];
  /** The first good rows, as they were understood. */
  readonly sample: readonly ParsedRow[];
}

/** Dry run: reads the whole file and stores nothing. Throws `ImportFileError` when the file cannot be taken at all. */
export async function previewImport(
  db: Database,
  accountId: string,
  input: ParseInput,
  limits: ImportLimits = importLimits,
): Promise<ImportPreview> {
  const problems = new ProblemList();
  const sample: ParsedRow[] = [];
  const sink = keepingProblems(problems, (row) => {
    if (sample.length < SAMPLE_ROWS) sample.push(row);
  });
  const summary = await parseUpload(input, sink, limits);
  // Only now: no transaction stays open while a file is read.
  const sameFile = await inAccount(db, accountId, (trx) => findSameFile(trx, summary.sha256));
  return { summary, problems: problems.kept, problemsOmitted: problems.omitted, sameFile, sample };
}
