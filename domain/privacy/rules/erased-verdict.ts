/** What a value becomes. */
export type Gone =
  /** Null. */
  | 'null'
  /** '' */
  | 'empty'
  /** {} */
  | 'object'
  /** [] */
  | 'list'
  /** An empty array of texts. */
  | 'texts'
  /** `erased:` and the row's own id. */
  | 'own_id'
  /** `erased:` and the id of the person. */
  | 'of_person'
  /** `erased:`, the row's id and the last two digits: the register tells which number it was, and nobody can ring it. */
  | 'number'
  /** `erased:` and the row's own id, but of a call: its events would be taken in again. */
  | 'not_of_call'
  /** Something that nothing else is. */
  | 'random'
  /** The words that stand for a name. */
  | 'words'
  /** Only what a rule or a provider's code says stays. */
  | 'only_reason'
  | 'only_fault'
  | 'only_channel';

/** Which rows of a table are of the person. */
export type Rows =
  | 'own'
  | 'person'
  | 'contact'
  | 'own_contact'
  | 'attempt'
  | 'message'
  | 'agreement'
  | 'event'
  | 'subject'
  | 'provider'
  | 'request'
  | 'import_row'
  | 'import_place'
  | 'delivered';

export interface TableVerdict {
  readonly table: string;
  /** Rows of the person. Without it, rows are found by the person's own id, name, numbers and addresses in their text. */
  readonly rows?: Rows;
  /** Beside `rows`: rows in whose text the person is found as well. */
  readonly searched?: true;
  /** Gone whole, in the rows of the person. */
  readonly gone?: Readonly<Record<string, Gone>>;
  /** The person is taken out of it, and the rest stays: it is of others too. */
  readonly parts?: readonly string[];
  /** As `parts`, with another word each time: two of them must not become one. */
  readonly uniqueParts?: readonly string[];
  /** Holds no person: ids, closed words, the account's own people and settings. */
  readonly none?: readonly string[];
  /** Holds what may say something of a person, and stays, with the law's reason. */
  readonly kept?: Readonly<Record<string, string>>;
}
