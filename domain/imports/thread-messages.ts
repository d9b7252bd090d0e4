import type { ImportFileErrorCode } from './errors.ts';
import type { ImportLimits } from './limits.ts';
import type { RemarkedRow } from './remarked-rows.ts';
import type { ImportSummary, ParsedRow, ParseInput, RowProblem } from './types.ts';

/** What a reader's thread is started with. */
export interface ThreadTask {
  readonly input: ParseInput;
  readonly limits: ImportLimits;
  /** Rows are wanted, and not only the first few as they were understood. */
  readonly wantsRows: boolean;
}

/** Good rows, one behind the other, as lines of COPY. */
export interface Portion {
  /** Ordinals of its first and last row. The same file gives the same portions. */
  readonly first: number;
  readonly last: number;
  /** Of whoever takes the portion until that is done; the reader has their memory again afterwards. */
  readonly lines: Uint8Array<ArrayBuffer>;
  /** Rows read until here, bad ones too. */
  readonly rowsChecked: number;
  /** Of the file, from 0 to 1. */
  readonly share: number;
}

/** A whole file, as it was read. */
export interface FileRead {
  readonly summary: ImportSummary;
  /** At most 1,000, refusals before notices when there are more. */
  readonly problems: readonly RowProblem[];
  readonly problemsOmitted: number;
  /** Rows with their remarks; none in a dry run. */
  readonly remarkedRows: readonly RemarkedRow[];
  readonly remarkedRowsOmitted: number;
  /** The first good rows, as they were understood. */
  readonly sample: readonly ParsedRow[];
}

/** What a reader's thread says. */
export type ThreadMessage =
  /** It still runs: a thread in an endless loop says nothing. */
  | { readonly kind: 'alive' }
  /** It waits until this is taken, and its memory comes back. */
  | ({ readonly kind: 'portion' } & Portion)
  | ({ readonly kind: 'read' } & FileRead)
  | {
      readonly kind: 'refused';
      readonly code: ImportFileErrorCode;
      readonly es: string;
      readonly en: string;
    };
