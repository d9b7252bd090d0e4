/** What kind of no it is; the API gives each its HTTP status. */
export type RefusalKind = 'not_found' | 'conflict' | 'unprocessable' | 'unavailable';

export interface FieldError {
  /** Name in the request, e.g. `pack`. */
  readonly field: string;
  readonly message: string;
}

export interface RefusedOptions {
  readonly errors?: readonly FieldError[];
  /** JSON-plain facts that help whoever asked, e.g. the nearest allowed instants. */
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An operation that must not be done, in words for an operator. Never a fault: nothing of it stays. */
export class OperationRefused extends Error {
  override readonly name = 'OperationRefused';
  readonly kind: RefusalKind;
  /** Stable machine word. */
  readonly code: string;
  readonly es: string;
  readonly errors: readonly FieldError[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(kind: RefusalKind, code: string, en: string, es: string, options: RefusedOptions = {}) {
    super(en, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.code = code;
    this.es = es;
    this.errors = options.errors ?? [];
    this.extra = options.extra ?? {};
  }
}

/** For a row that is not there, or not this account's: nobody is told which of the two. */
export function notFound(what: string, es: string): OperationRefused {
  return new OperationRefused('not_found', 'not_found', `There is no such ${what}.`, `No existe ${es}.`);
}
