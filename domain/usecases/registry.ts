/** The use cases that the product knows, and which of them a file is for. Pure. */
import { debtCollection } from './debt-collection.ts';
import { headerWords } from './header-words.ts';
import { type HeaderMatch, matchHeaders } from './headers.ts';
import { marketing } from './marketing.ts';
import { notification } from './notification.ts';
import type { UseCase } from './types.ts';
import { ofOthersWords } from './other-headers.ts';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import { userExperience } from './user-experience.ts';

/** All use cases. To add one: write its module and name it here. */
export const useCases: readonly UseCase[] = [debtCollection, userExperience, marketing, notification];

/** Undefined for a key that nobody registered. */
export function useCaseByKey(key: string): UseCase | undefined {
  return useCases.find((useCase) => useCase.key === key);
}

export interface DetectOptions {
  /** Only this use case: what the operator chose outranks what the columns look like. */
  readonly only?: UseCase;
  /** Keys of columns that the batch gives for every row. */
  readonly given?: ReadonlySet<string>;
}

export type Detection =
  | { readonly kind: 'found'; readonly match: HeaderMatch; readonly reasons: readonly Bilingual[] }
  /** Several use cases fit equally: the operator must choose. */
  | { readonly kind: 'ambiguous'; readonly matches: readonly HeaderMatch[]; readonly error: Bilingual }
  /** None fits; `nearest` is the one that it looks like, when it looks like any. */
  | { readonly kind: 'none'; readonly nearest?: HeaderMatch; readonly error: Bilingual };

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Finds the use case of a row of headers ('' for cells without text). Strong markers decide first, then weak ones, then
 * the generic file. A file with strong markers of a use case whose required columns it lacks is refused rather than
 * taken for another: debtors would hear the wrong script.
 */
export function detect(headers: readonly string[], { only, given = NOTHING }: DetectOptions = {}): Detection {
  const matches = (only === undefined ? useCases : [only]).map((useCase) =>
    matchHeaders(useCase, headers, given),
  );
  if (only !== undefined) return chosen(matches[0]);
  const collection = matches.find(({ useCase }) => useCase === debtCollection);
  const fitsAnother = matches.some((match) => match.missing.length === 0 && markers(match, 'strong') > 0);
  if (!fitsAnother && collection !== undefined && looksLikeCollection(collection, headers))
    return none(collection);
  const strong = matches.filter((match) => markers(match, 'strong') > 0);
  const fitting = (strong.length > 0 ? strong : withoutStrong(matches)).filter(
    ({ missing }) => missing.length === 0,
  );
  const [best, second] = byWeight(fitting);
  if (best === undefined) return none(byWeight(matches.filter(({ bound }) => bound.length > 0))[0]);
  if (second !== undefined && matchWeight(second) === matchWeight(best)) return ambiguous([best, second]);
  return { kind: 'found', match: best, reasons: reasonsFor(best, 'detected') };
}

/** Words of headers that only a file of debts has. */
const DEBT_WORDS =
  /deuda|deudor|adeudad|saldo|insoluto|moros|\bmora\b|impag|vencid|vencimiento|cuota|pagare|mandante|acreedor|cedente|castigo|cobranza|capital|debt|overdue|amount due|creditor/;

/**
 * A file with a RUT and a word of debts, or with two such words, that lacks a column of collection: taken for a
 * notification it would go out with the wrong script, to people who hear nothing of their rights.
 */
function looksLikeCollection({ bound }: HeaderMatch, headers: readonly string[]): boolean {
  const told = headers.filter((header) => DEBT_WORDS.test(headerWords(header))).length;
  const hasId = bound.some(({ column }) => column.kind === 'national_id');
  const isPerson = bound.some(({ column }) => column.kind === 'phone' || column.key === 'name');
  return isPerson && (told >= 2 || (told === 1 && hasId));
}

/** Weak markers make the use case, unless the operator named columns var1, var2, …: the generic layout. */
function withoutStrong(matches: readonly HeaderMatch[]): readonly HeaderMatch[] {
  const generic = matches.filter(isGeneric);
  if (generic.some(({ free }) => free.some(({ variable }) => /^var_?\d+$/.test(variable)))) return generic;
  const weak = matches.filter((match) => markers(match, 'weak') > 0);
  return weak.length > 0 ? weak : generic;
}

function chosen(match: HeaderMatch | undefined): Detection {
  if (match === undefined || match.missing.length > 0) return none(match);
  return { kind: 'found', match, reasons: reasonsFor(match, 'chosen') };
}

/** A use case without marker columns takes any file with a name and a phone. */
function isGeneric(match: HeaderMatch): boolean {
  return match.useCase.columns.every(({ marker }) => marker === undefined);
}

function markers({ bound }: HeaderMatch, strength: 'strong' | 'weak'): number {
  return bound.filter(({ column }) => column.marker === strength).length;
}

/** How well headers fit: strong markers decide; the number of recognised columns breaks a tie. */
export function matchWeight(match: HeaderMatch): number {
  return markers(match, 'strong') * 100 + match.bound.length;
}

function byWeight(matches: readonly HeaderMatch[]): readonly HeaderMatch[] {
  return matches.toSorted((a, b) => matchWeight(b) - matchWeight(a));
}

function reasonsFor(match: HeaderMatch, how: 'chosen' | 'detected'): Bilingual[] {
  const { es, en } = match.useCase.title;
  const seen = match.bound.map(({ header, column }) => `${header} → ${column.label}`).join(', ');
  return [
    how === 'chosen'
      ? { es: `Caso de uso elegido: ${es}`, en: `Use case chosen: ${en}` }
      : {
          es: `Caso de uso reconocido por las columnas: ${es}`,
          en: `Use case found from the columns: ${en}`,
        },
    { es: `Columnas reconocidas: ${seen}`, en: `Columns recognised: ${seen}` },
  ];
}

function none(nearest: HeaderMatch | undefined): Detection {
  if (nearest === undefined) {
    return {
      kind: 'none',
      error: {
        es: 'No se reconoce ninguna columna. Se espera una fila de encabezados, p. ej. NOMBRE, TELEFONO, …',
        en: 'No column was recognised. A row of headers is expected, e.g. NOMBRE, TELEFONO, …',
      },
    };
  }
  const missing = nearest.missing.map(({ label }) => label).join(', ');
  const fromBatch = nearest.missing.filter(({ fromBatch }) => fromBatch === true).map(({ label }) => label);
  const { title } = nearest.useCase;
  const read = listed(nearest.bound.map(({ header, column }) => `${header} → ${column.label}`));
  const unread = listed([...nearest.ignored, ...nearest.free.map(({ header }) => header)]);
  const others = nearest.ofOthers.length === 0 ? undefined : ofOthersWords(nearest.ofOthers);
  return {
    kind: 'none',
    nearest,
    error: {
      es:
        `El archivo parece de ${title.es}, pero le falta: ${missing}.` +
        (fromBatch.length === 0
          ? ''
          : ` ${fromBatch.join(', ')} también puede indicarse al cargarlo (--creditor NOMBRE en la línea de comandos).`) +
        (read === '' ? '' : ` Se reconoció: ${read}.`) +
        (unread === '' ? '' : ` No se reconoció: ${unread}.`) +
        (others === undefined ? '' : ` ${others.es}`) +
        ' Si es de otro tipo, indique el caso de uso.',
      en:
        `The file looks like ${title.en}, but lacks: ${missing}.` +
        (fromBatch.length === 0
          ? ''
          : ` ${fromBatch.join(', ')} can also be given with the upload (--creditor NAME on the command line).`) +
        (read === '' ? '' : ` Recognised: ${read}.`) +
        (unread === '' ? '' : ` Not recognised: ${unread}.`) +
        (others === undefined ? '' : ` ${others.en}`) +
        ' If it is of another kind, say the use case.',
    },
  };
}

/** The first of them: a file may have hundreds of columns. */
function listed(names: readonly string[]): string {
  return names.slice(0, 20).join(', ') + (names.length > 20 ? ', …' : '');
}

function ambiguous(matches: readonly HeaderMatch[]): Detection {
  const names = (language: 'es' | 'en', or: string): string =>
    matches.map(({ useCase }) => `${useCase.title[language]} (${useCase.key})`).join(or);
  return {
    kind: 'ambiguous',
    matches,
    error: {
      es: `Las columnas sirven para más de un caso de uso: ${names('es', ' o ')}. Elija uno.`,
      en: `The columns fit more than one use case: ${names('en', ' or ')}. Choose one.`,
    },
  };
}
