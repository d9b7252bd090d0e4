import type { Bilingual } from '../bilingual.ts';

/** What kind of no it is; the API gives each its HTTP status. */
export type RefusalKind =
  | 'invalid'
  | 'unauthorised'
  | 'forbidden'
  | 'not_found'
  | 'wrong_method'
  | 'not_acceptable'
  | 'gone'
  | 'conflict'
  | 'too_large'
  | 'out_of_range'
  | 'unsupported'
  | 'unprocessable'
  | 'too_many'
  | 'internal'
  | 'unavailable';

/** The words of one refusal. `{name}` is filled from its values, in both languages alike. */
export interface Refusal extends Bilingual {
  readonly kind: RefusalKind;
}
