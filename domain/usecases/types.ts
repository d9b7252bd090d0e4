import type { Bilingual } from '../shared/rules/bilingual.ts';
/**
 * What a use case says about itself: which columns its file has, what the agent is told, which script and schedule
 * it runs on, and what a finished call means in business words. Adding a module and naming it in `registry.ts` is
 * all that the API, the import and the workflow need to support one more.
 */
import type { CallFacts, CallReading } from './outcome.ts';

/** How a cell of the column is read (imports/normalise). */
export type ColumnKind =
  | 'text'
  | 'national_id'
  | 'phone'
  | 'phone_extra'
  /** The area code of the phone column behind it. */
  | 'area'
  | 'money'
  | 'currency'
  | 'date'
  | 'region'
  | 'city'
  | 'zone'
  | 'country'
  | 'email'
  | 'integer';

export interface Column {
  /** Name in our own code, e.g. `due_date`; unique within a use case. */
  readonly key: string;
  readonly kind: ColumnKind;
  /** Name for people, as a file would have it: `FECHA_VENCIMIENTO`. */
  readonly label: string;
  /** Other headers, any spelling (case, accents, spaces, underscores and punctuation do not count), best first. */
  readonly aliases: readonly string[];
  /** Without it (or its value from the batch) the file, and each row that lacks it, is refused. */
  readonly required: boolean;
  /** What the file does not give may come from the batch, one value for all rows. */
  readonly fromBatch?: true;
  /** Tells the use cases apart: `strong`, only this kind of file has it; `weak`, others carry it as an extra. */
  readonly marker?: 'strong' | 'weak';
}

/** One debt of one row; `dueDate` is a local day 'YYYY-MM-DD'. */
export interface Debt {
  readonly creditor: string;
  /** Integer micro-units of `currency` (1 CLP = 1,000,000). */
  readonly amountMicros: bigint;
  /** ISO 4217. */
  readonly currency: string;
  readonly dueDate: string;
  readonly reference?: string;
}

/** A row after normalisation, as the variables are built from it. */
export interface RowFacts {
  readonly name: string;
  readonly nationalId?: string;
  readonly debt?: Debt;
  /** Normalised text of the other columns by `Column.key`; dates 'YYYY-MM-DD', integers as digits. */
  readonly fields: Readonly<Record<string, string>>;
  /** Columns that the use case does not know, by header in snake_case; only with `freeVariables`. */
  readonly free: Readonly<Record<string, string>>;
}

/** One row of a person who has several: its variables as `variables()` made them, and its debt. */
export interface RowVariables {
  readonly variables: Readonly<Record<string, string>>;
  readonly debt?: Debt;
}

/** `waves`: three windows a day; `ladder`: a delay after each failure (design.md §3). */
export type ScheduleMode = 'waves' | 'ladder';

export interface UseCase {
  readonly key: string;
  readonly title: Bilingual;
  readonly columns: readonly Column[];
  /** Columns that the use case does not know become variables of the agent, under their own header. */
  readonly freeVariables: boolean;
  /** Agent scripts, the default first. */
  readonly scripts: readonly [string, ...string[]];
  readonly scheduleMode: ScheduleMode;
  /**
   * The agent's dynamic variables for one row. Every key that the scripts speak is present, '' when unknown: the
   * provider reads an unset variable aloud with its braces.
   */
  variables(row: RowFacts): Record<string, string>;
  /** Variables that nobody but the person themself may hear; the agent gets them when it knows who is on the line. */
  readonly confidentialVariables?: readonly string[];
  /** The variables of one person with several rows (at least one), in the order of the file. */
  mergeVariables(rows: readonly [RowVariables, ...RowVariables[]]): Record<string, string>;
  /** What a finished call means. Pure. */
  readOutcome(facts: CallFacts): CallReading;
}
