import { phraseRefusal, type RefusalCode, refusals, type RefusalValues } from './rules/refusals.ts';
import type { RefusalKind } from './rules/refusals/refusal.ts';

export interface FieldError {
  /** Name in the request, e.g. `pack`. */
  readonly field: string;
  readonly message: string;
  readonly message_es?: string;
}

export interface RefusedOptions {
  /** The field of the request that must change. Its message is the refusal's own. */
  readonly field?: string;
  /** Several fields, each with its own message. */
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
  readonly code: RefusalCode;
  readonly es: string;
  readonly errors: readonly FieldError[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, values: RefusalValues = {}, options: RefusedOptions = {}) {
    const { en, es } = phraseRefusal(code, values);
    super(en, options.cause === undefined ? undefined : { cause: options.cause });
    const { field } = options;
    this.kind = refusals[code].kind;
    this.code = code;
    this.es = es;
    this.errors = options.errors ?? (field === undefined ? [] : [{ field, message: en, message_es: es }]);
    this.extra = options.extra ?? {};
  }
}

/** A refusal of the catalogue with its values, to be thrown. */
export function refuse(
  code: RefusalCode,
  values: RefusalValues = {},
  options: RefusedOptions = {},
): OperationRefused {
  return new OperationRefused(code, values, options);
}
