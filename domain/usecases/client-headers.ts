/**
 * Whose column CLIENTE is. In a company's own file the client owes; in a collection agency's the client is the creditor,
 * and the file says so by naming the debtor apart. Pure.
 */
import { headerWords } from './header-words.ts';
import type { Column, UseCase } from './types.ts';

export interface ClientHeaders {
  /** The column that names the creditor, where none says so better. */
  readonly creditor: { readonly index: number; readonly column: Column } | undefined;
  /** Positions of columns about the creditor that nobody may be called by: its RUT, its phone. */
  readonly others: ReadonlySet<number>;
}

const NONE: ClientHeaders = { creditor: undefined, others: new Set() };

/** Of a use case without creditors, and of a file that names no debtor beside a client: nothing. */
export function clientHeaders(useCase: UseCase, headers: readonly string[]): ClientHeaders {
  const creditor = useCase.columns.find(({ key }) => key === 'creditor');
  const name = useCase.columns.find(({ key }) => key === 'name');
  if (creditor === undefined || name === undefined) return NONE;
  const words = headers.map(headerWords);
  const client = words.findIndex((text) => NAMES_OF_CLIENT.has(text));
  const saysDebtor = words.some((text) => /\b(?:deudor|debtor)\b/.test(text));
  const others = words.filter((text) => !isClient(text));
  if (client < 0 || !saysDebtor || !others.some((text) => isNamed(name, text))) return NONE;
  const ofClient = words.flatMap((text, index) =>
    isClient(text) && index !== client && !isNamed(creditor, text) ? [index] : [],
  );
  return words.some((text) => isNamed(creditor, text))
    ? { creditor: undefined, others: new Set([client, ...ofClient]) }
    : { creditor: { index: client, column: creditor }, others: new Set(ofClient) };
}

function isNamed({ label, aliases }: Column, words: string): boolean {
  return words !== '' && [label, ...aliases].some((alias) => headerWords(alias) === words);
}

function isClient(words: string): boolean {
  return /\b(?:cliente|client|customer)\b/.test(words);
}

const NAMES_OF_CLIENT: ReadonlySet<string> = new Set([
  'cliente',
  'nombre cliente',
  'razon social cliente',
  'client',
  'client name',
  'customer',
]);
