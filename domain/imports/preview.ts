/** What an upload would create, without creating it. */
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { parseUpload } from './parse.ts';
import { keepingProblems, ProblemList } from './problem-list.ts';
import type { ImportSummary, ParsedRow, ParseInput, RowProblem } from './types.ts';

const SAMPLE_ROWS = 5;

/** An earlier import of this account whose file is the same byte for byte. */
export interface SameFile {
  readonly importId: string;
  readonly fileName: string;
  readonly importedAt: string;
  /** The batch that was made of it, if any. */
  readonly batchId: string | null;
}

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

/** Earlier imports of the same bytes by the account of the transaction, newest first, at most 5. */
export async function findSameFile(trx: Trx, sha256: string): Promise<readonly SameFile[]> {
  const rows = await trx
    .selectFrom('core.import as i')
    .leftJoin('core.batch as b', (join) => join.onRef('b.import_id', '=', 'i.id').on('b.realm', '=', 'live'))
    .select(['i.id', 'i.file_name', 'i.created_at', 'b.id as batch_id'])
    .where('i.sha256', '=', sha256)
    .orderBy('i.created_at', 'desc')
    .limit(5)
    .execute();
  return rows.map((row) => ({
    importId: row.id,
    fileName: row.file_name,
    importedAt: row.created_at.toISOString(),
    batchId: row.batch_id,
  }));
}
