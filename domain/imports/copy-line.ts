import type { PlacedRow } from './types.ts';

/** The columns of core.import_row that come from the file, in the order of a line. */
export const copyColumns =
  'ordinal, sheet, sheet_row, identity_key, national_id, name, phones, country, region, zone, creditor, ' +
  'amount_micros, currency, due_date, reference, variables, email, person';

/** One line of COPY's text format. */
export function copyLine(row: PlacedRow, ordinal: number): string {
  const { debt } = row;
  const values: (string | number | undefined)[] = [
    ordinal,
    row.sheet,
    row.row,
    row.identityKey,
    row.nationalId,
    row.name,
    // E.164 has no character that an array literal would quote.
    `{${row.phones.join(',')}}`,
    row.country,
    row.region,
    row.zone ?? undefined,
    debt?.creditor,
    debt?.amountMicros.toString(),
    debt?.currency,
    debt?.dueDate,
    debt?.reference,
    JSON.stringify(row.variables),
    row.email,
    row.person,
  ];
  return `${values.map(copyValue).join('\t')}\n`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyValue(value: string | number | undefined): string {
  if (value === undefined) return '\\N';
  return String(value).replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}
