import { MAX_CELL_CHARACTERS } from '../../domain/imports/rules/cells.ts';
import { Malformed } from '../../domain/shared/rules/read-value.ts';

export interface Reader {
  /** Longest text that any door lets through to it. */
  readonly most: number;
  readonly read: (text: string) => unknown;
  /** Errors that are its answer. */
  readonly mayThrow?: (error: unknown) => boolean;
}

/** A cell of a workbook or a CSV: row.ts refuses longer ones before a reader of its kind has them. */
export const cell = (read: (text: string) => unknown): Reader => ({ most: MAX_CELL_CHARACTERS, read });

/** A text between two tags, or of a record, which is cut or refused only when it has been cleaned. */
export const run = (read: (text: string) => unknown): Reader => ({ most: 256 * 1024, read });

export const header = (read: (text: string) => unknown): Reader => ({ most: 16 * 1024, read });

/** Of a JSON body of ours. */
export const field = (read: (text: string) => unknown): Reader => ({ most: 64 * 1024, read });

/** What a model says in one argument, and a message of a workflow. */
export const said = (read: (text: string) => unknown): Reader => ({ most: 2_000, read });

export const malformed = (error: unknown): boolean => error instanceof Malformed;
