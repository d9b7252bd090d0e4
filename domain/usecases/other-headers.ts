/**
 * Columns that bear one of our names and are about somebody or something else, as the headers beside them show: a pupil's
 * name in a file that names who pays apart, the bank of a cheque, the prefix of an invoice. Pure.
 */
import { headerWords } from './header-words.ts';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import type { Column } from './types.ts';

export interface OtherHeaders {
  /** Of a pupil or patient, or of nobody knows whom: nobody may be called by them. */
  readonly people: ReadonlySet<number>;
  /** Of a thing: the bank of a cheque, a prefix, an invoice's number. */
  readonly things: ReadonlySet<number>;
}

/** Who pays, where a file has somebody else as well. */
const PAYER = /\b(?:apoderado|apoderada|titular|deudor)\b/;
/** Whom the fee is for. */
const DEPENDANT = /\b(?:alumno|alumna|estudiante|pupilo|pupila|curso|paciente|beneficiario)\b/;
/** Columns that say who somebody is: half of one person's and half of another's would be nobody. */
const IDENTITY: ReadonlySet<string> = new Set([
  'national_id',
  'name',
  'second_name',
  'surname',
  'second_surname',
]);
const CHEQUES = /\b(?:cheque|cheques|protesto|girador|cuenta corriente|cta cte)\b|\b(?:tipo|numero) cuenta\b/;
const INVOICES = /\b(?:emision|factura|facturas|boleta)\b/;
const PHONES = /\b(?:telefono|celular|whatsapp)\b/;

/** `columnOf`: what a header would be by its name alone. */
export function otherHeaders(
  headers: readonly string[],
  columnOf: (header: string) => Column | undefined,
): OtherHeaders {
  const words = headers.map(headerWords);
  const columns = headers.map(columnOf);
  return { people: dependants(words, columns), things: things(words) };
}

function dependants(words: readonly string[], columns: readonly (Column | undefined)[]): ReadonlySet<number> {
  const people = new Set<number>();
  const isPayer = (index: number): boolean => PAYER.test(words[index] ?? '');
  const payerHas = (fits: (column: Column) => boolean): boolean =>
    columns.some((column, index) => column !== undefined && fits(column) && isPayer(index));
  const hasDependant = words.some((text) => DEPENDANT.test(text) && !PAYER.test(text));
  if (!hasDependant || !payerHas(({ key }) => IDENTITY.has(key))) return people;
  columns.forEach((column, index) => {
    if (column === undefined || isPayer(index)) return;
    const { key, kind } = column;
    if (IDENTITY.has(key)) people.add(index);
    // A digit goes with the RUT before it.
    else if (key === 'check_digit' && !isPayer(index - 1)) people.add(index);
    else if (kind === 'phone' && payerHas((one) => one.kind === 'phone')) people.add(index);
    else if (kind === 'email' && payerHas((one) => one.kind === 'email')) people.add(index);
  });
  return people;
}

function things(words: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  const hasCheques = words.some((text) => CHEQUES.test(text));
  const hasInvoices = words.some((text) => INVOICES.test(text));
  words.forEach((text, index) => {
    if (text === 'banco' && hasCheques) found.add(index);
    if (text === 'documento' && hasInvoices) found.add(index);
    if (text === 'prefijo' && !PHONES.test(words[index + 1] ?? '')) found.add(index);
  });
  return found;
}

/** What an operator is told of columns that nobody may be called by. */
export function ofOthersWords(headers: readonly string[]): Bilingual {
  const es = listed(headers, '«', '»');
  const en = listed(headers, '“', '”');
  return {
    es: `No se lee ${es}: puede ser del alumno, paciente o beneficiario, porque el archivo nombra aparte a quien paga. Si es de quien paga, dígalo en el encabezado (p. ej. NOMBRE TITULAR).`,
    en: `Not read: ${en}. It may be the pupil’s, patient’s or beneficiary’s, since the file names who pays apart. If it is of who pays, say so in the header (e.g. NOMBRE TITULAR).`,
  };
}

function listed(headers: readonly string[], open: string, close: string): string {
  const names = headers.slice(0, 10).map((header) => `${open}${header}${close}`);
  return names.join(', ') + (headers.length > names.length ? ', …' : '');
}
