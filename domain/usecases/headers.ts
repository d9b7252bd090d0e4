/** Which column of a file is which column of a use case, by its header alone. Pure. */
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
  readonly bound: readonly BoundColumn[];
  readonly free: readonly FreeColumn[];
  /** Headers that nothing is read from: unknown ones, and the worse of two for one column. */
  readonly ignored: readonly string[];
  /** Pairs of headers for one column: the first is used. */
  readonly doubled: readonly { readonly used: string; readonly unused: string }[];
  /** Required columns that neither the file nor the batch gives. */
  readonly missing: readonly Column[];
}

/** A header as it is compared: no accents, case, spaces, underscores or punctuation. 'Fecha_Venc.' → 'fechavenc'. */
export function normaliseHeader(header: string): string {
  return header
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
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
  const candidates = headers.flatMap((header, index): Candidate[] => {
    const found = findColumn(useCase, normaliseHeader(header));
    return found === undefined ? [] : [{ index, header, ...found }];
  });
  const { phones, doubledPhones } = bindPhones(useCase, candidates);
  const bound: BoundColumn[] = [...phones];
  const doubled: { used: string; unused: string }[] = [...doubledPhones];
  for (const column of useCase.columns) {
    if (column.kind === 'phone' || column.kind === 'phone_extra') continue;
    const [best, ...others] = candidates
      .filter((candidate) => candidate.column === column)
      .sort((a, b) => a.rank - b.rank || a.index - b.index);
    if (best === undefined) continue;
    bound.push({ index: best.index, header: best.header, column });
    for (const other of others) doubled.push({ used: best.header, unused: other.header });
  }
  return finish(useCase, { headers, bound, doubled, given });
}

function finish(useCase: UseCase, { headers, bound, doubled, given }: FinishInput): HeaderMatch {
  const taken = new Set(bound.map(({ index }) => index));
  const have = new Set([...bound.map(({ column }) => column.key), ...given]);
  const free: FreeColumn[] = [];
  const ignored: string[] = [];
  const names = new Set<string>();
  headers.forEach((header, index) => {
    if (header.trim() === '' || taken.has(index)) return;
    const variable = variableName(header);
    const isDouble = doubled.some(({ unused }) => unused === header);
    if (!useCase.freeVariables || isDouble || variable === '' || names.has(variable)) {
      ignored.push(header);
      return;
    }
    names.add(variable);
    free.push({ index, header, variable });
  });
  return {
    useCase,
    bound,
    free,
    ignored,
    doubled,
    missing: useCase.columns.filter(({ key, required }) => required && !have.has(key)),
  };
}

interface FinishInput {
  readonly headers: readonly string[];
  readonly bound: readonly BoundColumn[];
  readonly doubled: readonly { used: string; unused: string }[];
  readonly given: ReadonlySet<string>;
}

function findColumn(useCase: UseCase, key: string): { column: Column; rank: number } | undefined {
  if (key === '') return undefined;
  for (const column of useCase.columns) {
    const rank = spellings(column).indexOf(key);
    if (rank >= 0) return { column, rank };
  }
  // 'TELEFONO 2', 'FONO3', 'celular_1': a numbered phone, whatever its base name.
  const numbered = /^(.*[a-z])([1-9])$/.exec(key);
  const base = numbered?.[1];
  if (base === undefined) return undefined;
  const column = useCase.columns.find(
    (one) => (one.kind === 'phone' || one.kind === 'phone_extra') && spellings(one).includes(base),
  );
  return column === undefined ? undefined : { column, rank: 100 + Number(numbered?.[2]) };
}

const spellingsOf = new WeakMap<Column, readonly string[]>();

function spellings(column: Column): readonly string[] {
  let list = spellingsOf.get(column);
  if (list === undefined) {
    list = [column.label, ...column.aliases].map(normaliseHeader);
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
