/** Bounds of an upload. Each is far above a day's file and far below what would harm the process that reads it. */
export interface ImportLimits {
  /** Bytes of the file as uploaded. */
  readonly maxFileBytes: number;
  /** Parts of the zip; a workbook of 50 sheets has about 120. */
  readonly maxZipEntries: number;
  /** Bytes of all parts together, unpacked. */
  readonly maxUnpackedBytes: number;
  /** Unpacked to packed, for parts above `ratioFromBytes`. Sheets reach 10 to 30; bombs reach 1,000. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
  /** Rows of data. */
  readonly maxRows: number;
  /** Rows of all sheets together that are no data: titles, headers, other small sheets. */
  readonly maxOtherRows: number;
  readonly maxColumns: number;
  /** Characters between two tags (or in one CSV record): a 150 MB string in one cell would be held in memory whole. */
  readonly maxTextRun: number;
  /** Of rows that come as JSON: read whole, in memory. */
  readonly maxSentBytes: number;
  readonly maxSentRows: number;
}

export const importLimits: ImportLimits = {
  maxFileBytes: 50 * 1024 * 1024,
  maxZipEntries: 200,
  maxUnpackedBytes: 300 * 1024 * 1024,
  maxRatio: 100,
  ratioFromBytes: 1024 * 1024,
  maxRows: 200_000,
  maxOtherRows: 5_000,
  maxColumns: 256,
  maxTextRun: 256 * 1024,
  maxSentBytes: 16 * 1024 * 1024,
  maxSentRows: 10_000,
};
