/** Why a whole file is refused. Rows have problems (messages.ts); a file has one error. */
export const importFileErrorCodes = [
  'empty_file',
  'file_too_large',
  'not_a_spreadsheet',
  'old_excel',
  'binary_excel',
  'encrypted',
  'html_not_excel',
  'damaged',
  'too_many_parts',
  'too_large_unpacked',
  'suspicious_compression',
  'too_many_rows',
  'no_rows',
  'too_many_columns',
  'text_run_too_long',
  'csv_malformed',
  'json_malformed',
  'no_visible_sheet',
  'header_not_found',
  'use_case_ambiguous',
  'use_case_unknown',
  'file_lost',
  'too_large_to_read',
  'too_slow_to_read',
] as const;
export type ImportFileErrorCode = (typeof importFileErrorCodes)[number];

/** Thrown by the guard, the readers and the parser. The message is Spanish; English is beside it. */
export class ImportFileError extends Error {
  readonly code: ImportFileErrorCode;
  readonly message_es: string;
  readonly message_en: string;

  constructor(code: ImportFileErrorCode, es: string, en: string, options?: ErrorOptions) {
    super(es, options);
    this.name = 'ImportFileError';
    this.code = code;
    this.message_es = es;
    this.message_en = en;
  }
}

export function damaged(cause: unknown): ImportFileError {
  return new ImportFileError(
    'damaged',
    'El archivo está dañado o lo escribió un programa poco común. Ábralo en Excel, guárdelo como .xlsx y vuelva a cargarlo.',
    'The file is damaged or was written by an unusual program. Open it in Excel, save it as .xlsx and upload it again.',
    { cause },
  );
}
