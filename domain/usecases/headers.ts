/** Which column of a file is which column of a use case, by its header alone. Pure. */
import { unaccented } from '../shared/rules/plain-text.ts';
import { clientHeaders } from './client-headers.ts';
import { headerWords } from './header-words.ts';
import { otherHeaders } from './other-headers.ts';
import type { Column, UseCase } from './types.ts';

export interface BoundColumn {
  /** Position in the row, from 0. */
  readonly index: number;
  /** As the operator wrote it. */
  readonly header: string;
  readonly column: Column;
}

export interface FreeColumn {
  readonly index: number;
  readonly header: string;
  /** The variable's name: the header in snake_case. */
  readonly variable: string;
}

export interface HeaderMatch {
  readonly useCase: UseCase;
  /** All of them, by column; '' for cells that hold no text. */
  readonly headers: readonly string[];
  /** Columns under the same header as one that is read, of who it is and what is owed: their cells must be equal. */
  readonly twins: readonly BoundColumn[];
  readonly bound: readonly BoundColumn[];
  readonly free: readonly FreeColumn[];
  /** Headers that nothing is read from: unknown ones, and the worse of two for one column. */
  readonly ignored: readonly string[];
  /** Headers that are about somebody else than who pays, or may be: nothing is read from them. */
  readonly ofOthers: readonly string[];
  /** Pairs of headers for one column: the first is used. */
  readonly doubled: readonly { readonly used: string; readonly unused: string }[];
  /** Required columns that neither the file nor the batch gives. */
  readonly missing: readonly Column[];
}

/** A header as it is compared: no accents, case, spaces, underscores or punctuation. 'Fecha_Venc.' → 'fechavenc'. */
export function normaliseHeader(header: string): string {
  return unaccented(header).replace(/[^a-z0-9]/g, '');
}

/** A header as the name of a variable: 'Nº de Póliza' → 'n_de_poliza', at most 40 characters. */
export function variableName(header: string): string {
  return header
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
}

interface Candidate {
  readonly index: number;
  readonly header: string;
  readonly column: Column;
  /** Place of the spelling among the column's aliases: the lower the better. */
  readonly rank: number;
}

/** Binds headers ('' for cells that hold no text) to the columns of one use case. `given`: column keys from the batch. */
export function matchHeaders(
  useCase: UseCase,
  headers: readonly string[],
  given: ReadonlySet<string>,
): HeaderMatch {
  const clients = clientHeaders(useCase, headers);
  const others = otherHeaders(headers, (header) => findColumn(useCase, header)?.column);
  const candidates = headers.flatMap((header, index): Candidate[] => {
    if (clients.others.has(index) || others.people.has(index) || others.things.has(index)) return [];
    const found =
      clients.creditor?.index === index
        ? { column: clients.creditor.column, rank: 0 }
        : findColumn(useCase, header);
    return found === undefined ? [] : [{ index, header, ...found }];
  });
  const { phones, doubledPhones } = bindPhones(useCase, candidates);
  const bound: BoundColumn[] = [...phones];
  const twins: BoundColumn[] = [];
  const doubled: { used: string; unused: string }[] = [...doubledPhones];
  for (const column of useCase.columns) {
    if (column.kind === 'phone' || column.kind === 'phone_extra') continue;
    if (column.kind === 'area') {
      for (const one of candidates) if (one.column === column) bound.push(one);
      continue;
    }
    const [best, ...others] = candidates
      .filter((candidate) => candidate.column === column)
      .sort((a, b) => a.rank - b.rank || a.index - b.index);
    if (best === undefined) continue;
    bound.push({ index: best.index, header: best.header, column });
    for (const other of others) {
      doubled.push({ used: best.header, unused: other.header });
      if (TWINS.has(column.key) && other.rank === best.rank)
        twins.push({ index: other.index, header: other.header, column });
    }
  }
  return finish(useCase, { headers, bound, twins, doubled, given, people: others.people });
}

function finish(
  useCase: UseCase,
  { headers, bound, twins, doubled, given, people }: FinishInput,
): HeaderMatch {
  const taken = new Set(bound.map(({ index }) => index));
  const have = new Set([...bound.map(({ column }) => column.key), ...given]);
  const free: FreeColumn[] = [];
  const ignored: string[] = [];
  const names = new Set<string>();
  headers.forEach((header, index) => {
    if (header.trim() === '' || taken.has(index)) return;
    const variable = variableName(header);
    const isDouble = doubled.some(({ unused }) => unused === header);
    // A pupil's name is no variable either: a script would speak it as that of who is called.
    if (!useCase.freeVariables || isDouble || people.has(index) || variable === '' || names.has(variable)) {
      ignored.push(header);
      return;
    }
    names.add(variable);
    free.push({ index, header, variable });
  });
  return {
    useCase,
    headers,
    twins,
    bound,
    free,
    ignored,
    ofOthers: headers.filter((_, index) => people.has(index)),
    doubled,
    missing: useCase.columns.filter(({ key, required }) => required && !have.has(key)),
  };
}

/** Columns of which a second one under the same header may be another person’s, or another sum. */
const TWINS: ReadonlySet<string> = new Set(['national_id', 'name', 'amount', 'due_date', 'currency']);

interface FinishInput {
  readonly headers: readonly string[];
  readonly bound: readonly BoundColumn[];
  readonly twins: readonly BoundColumn[];
  readonly doubled: readonly { used: string; unused: string }[];
  readonly given: ReadonlySet<string>;
  readonly people: ReadonlySet<number>;
}

/** By its exact spelling, else by its words, else as a numbered phone: 'TELEFONO 2', 'FONO3', 'celular_1'. */
function findColumn(useCase: UseCase, header: string): { column: Column; rank: number } | undefined {
  const key = normaliseHeader(header);
  if (key === '') return undefined;
  const words = headerWords(header);
  const named = byName(useCase.columns, key, words);
  if (named !== undefined) return named;
  const numbered = /^(.*[a-z])([1-9])$/.exec(key);
  if (numbered === null) return undefined;
  const [, base = '', number] = numbered;
  const found = byName(useCase.columns.filter(isNumbered), base, words.replace(/ ?[1-9]$/, ''));
  return found === undefined ? undefined : { column: found.column, rank: 100 + Number(number) };
}

function isNumbered({ kind }: Column): boolean {
  return kind === 'phone' || kind === 'phone_extra' || kind === 'area';
}

function byName(
  columns: readonly Column[],
  key: string,
  words: string,
): { column: Column; rank: number } | undefined {
  for (const column of columns) {
    const rank = spellings(column).keys.indexOf(key);
    if (rank >= 0) return { column, rank };
  }
  if (words === '') return undefined;
  for (const column of columns) {
    const rank = spellings(column).words.indexOf(words);
    if (rank >= 0) return { column, rank };
  }
  return undefined;
}

interface Spellings {
  readonly keys: readonly string[];
  readonly words: readonly string[];
}

const spellingsOf = new WeakMap<Column, Spellings>();

/** Best first: the label where it stands among the aliases, else before them. */
function spellings(column: Column): Spellings {
  let list = spellingsOf.get(column);
  if (list === undefined) {
    const label = normaliseHeader(column.label);
    const names = column.aliases.some((alias) => normaliseHeader(alias) === label)
      ? column.aliases
      : [column.label, ...column.aliases];
    list = { keys: names.map(normaliseHeader), words: names.map(headerWords) };
    spellingsOf.set(column, list);
  }
  return list;
}

/** The main phone is the best-named phone column; every other one, in the order of the file, is an extra phone. */
function bindPhones(
  useCase: UseCase,
  candidates: readonly Candidate[],
): { phones: BoundColumn[]; doubledPhones: { used: string; unused: string }[] } {
  const mainColumn = useCase.columns.find(({ kind }) => kind === 'phone');
  const extraColumn = useCase.columns.find(({ kind }) => kind === 'phone_extra');
  const phones = candidates.filter(({ column }) => column === mainColumn || column === extraColumn);
  const main = phones
    .filter(({ column }) => column === mainColumn)
    .sort((a, b) => Math.max(a.rank, 99) - Math.max(b.rank, 99) || a.index - b.index)[0];
  if (mainColumn === undefined || main === undefined) return { phones: [], doubledPhones: [] };
  const bound: BoundColumn[] = [{ index: main.index, header: main.header, column: mainColumn }];
  const doubledPhones: { used: string; unused: string }[] = [];
  for (const phone of phones) {
    if (phone === main) continue;
    if (extraColumn === undefined) doubledPhones.push({ used: main.header, unused: phone.header });
    else bound.push({ index: phone.index, header: phone.header, column: extraColumn });
  }
  return { phones: bound, doubledPhones };
}
