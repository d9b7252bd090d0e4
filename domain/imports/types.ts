import type { Debt } from '../usecases/types.ts';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import type { SentFormat, UploadKind } from './guard.ts';
import type { ProblemCode } from './rules/messages.ts';

/** What the batch says for every row that does not say it itself. */
export interface ImportDefaults {
  /** ISO 3166 alpha-2: phones without code, zones, national ids. */
  readonly country: string;
  readonly creditor?: string;
  /** ISO 4217; by default the country's own. */
  readonly currency?: string;
  /** Round an amount that is written with decimals which its currency has not, with a notice. By default its row is refused. */
  readonly roundAmounts?: boolean;
}

/** `refused`: the row was left out; `notice`: it goes on, and this was done to it. */
export type Severity = 'refused' | 'notice';

/** One remark on one cell. JSON-plain: it is stored and shown as it is. Holds personal data (`value`). */
export interface RowProblem {
  readonly sheet: string;
  /** As the operator sees it in Excel; of JSON its place from 1, of NDJSON its line. */
  readonly row: number;
  /** JSON pointer of the value in the request, or in its line; null in a file. */
  readonly pointer: string | null;
  /** The header as the operator wrote it, or the column's name when the file has none; '' for the whole row. */
  readonly column: string;
  /** What the cell shows, at most 120 characters. */
  readonly value: string;
  readonly severity: Severity;
  readonly code: ProblemCode;
  readonly message_es: string;
  readonly message_en: string;
  readonly hint_es: string;
  readonly hint_en: string;
}

/** A cell as it is shown: at most 120 characters. Holds personal data. */
export interface ShownCell {
  readonly column: string;
  readonly value: string;
}

/** A good row. Money is bigint: turn it into a decimal string before JSON. */
export interface ParsedRow {
  readonly sheet: string;
  readonly row: number;
  /** JSON pointer of the row; absent in a file's. */
  readonly pointer?: string;
  /** Who it is: the national id, else `tel:` and the first phone. Rows with one key are one person. */
  readonly identityKey: string;
  readonly nationalId?: string;
  readonly name: string;
  /** E.164, in order, each once, at least one. */
  readonly phones: readonly [string, ...string[]];
  /** As the file names it, normalised; kept beside the phones. */
  readonly email?: string;
  /** ISO 3166 alpha-2. */
  readonly country: string;
  readonly region?: string;
  /** IANA; null: unknown, every zone of the country must allow a call. */
  readonly zone: string | null;
  /** Absent in use cases without debts, and on a further row of one and the same debt. */
  readonly debt?: Debt;
  /** The agent's dynamic variables for this row alone. */
  readonly variables: Readonly<Record<string, string>>;
  /** What it has in columns that nothing is read from; absent when there are none. */
  readonly unread?: string;
  readonly notices: readonly RowProblem[];
}

/** A good row in its file. */
export interface PlacedRow extends ParsedRow {
  /** Of the people of the file, by their first rows, from 1. */
  readonly person: number;
}

/** A person whom a row forbids to call: the other rows of theirs go as well. */
export interface Withdrawal {
  readonly identityKey: string;
  /** The row that says so. */
  readonly row: number;
}

/** Takes rows and problems as they are read, in the order of the file; the reader waits for it. */
export interface ImportSink {
  row(row: PlacedRow): void | Promise<void>;
  /**
   * Remarks of refused and of dropped identical rows, those of one row one behind the other. Those of good rows travel in
   * `ParsedRow.notices`. `cells`: what a refused row held.
   */
  problem(problem: RowProblem, cells?: readonly ShownCell[]): void | Promise<void>;
}

export interface ParseInput {
  /** The uploaded file on disk. */
  readonly path: string;
  /** As the operator named it; for messages only. */
  readonly fileName: string;
  /** Chosen by the operator; else found from the columns. */
  readonly useCaseKey?: string;
  /** Chosen by the operator; else the sheet whose headers fit best. */
  readonly sheet?: string;
  /** Rows that came as JSON; absent for a file, which says by its bytes what it is. */
  readonly format?: SentFormat;
  readonly defaults: ImportDefaults;
}

export interface ImportSummary {
  readonly fileName: string;
  readonly kind: UploadKind;
  readonly bytes: number;
  /** Hex; the same file twice has the same. */
  readonly sha256: string;
  readonly useCase: string;
  /** How the use case was found, in words. */
  readonly reasons: readonly Bilingual[];
  readonly sheet: string;
  readonly headerRow: number;
  readonly columns: readonly { readonly header: string; readonly label: string; readonly key: string }[];
  /** Columns that became variables of the agent. */
  readonly freeVariables: readonly { readonly header: string; readonly variable: string }[];
  /** Headers that nothing is read from. */
  readonly ignoredColumns: readonly string[];
  /** About the file as a whole: other sheets, double columns. */
  readonly warnings: readonly Bilingual[];
  /** Rows with any content after the header = good + refused + identical. */
  readonly rowsRead: number;
  readonly rowsGood: number;
  readonly rowsRefused: number;
  /** Good rows with at least one notice. */
  readonly rowsWithNotices: number;
  /** Rows identical to an earlier one: dropped. */
  readonly rowsIdentical: number;
  readonly rowsBlank: number;
  /** Rows hidden in Excel among those read: they count. */
  readonly rowsHidden: number;
  /** People who were taken and go again, by their numbers in the file: another row forbids to call them. */
  readonly withdrawn: readonly number[];
  /** Their rows, which are counted as refused. */
  readonly rowsWithdrawn: number;
  /** Distinct people of the good rows, without those who are withdrawn. */
  readonly contacts: number;
  readonly debts: number;
}
