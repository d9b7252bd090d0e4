import type { MessageValues, ProblemCode } from '../../imports/rules/messages.ts';

/** A remark on a cell: why it was refused, or what was done to it. */
export interface Remark {
  readonly code: ProblemCode;
  readonly values?: MessageValues;
}

/** A cell that was understood, perhaps with a notice, or the reason why not. Never an exception. */
export type Normalised<T> =
  { readonly ok: true; readonly value: T; readonly notice?: Remark } | ({ readonly ok: false } & Remark);

export function good<T>(value: T, notice?: Remark): Normalised<T> {
  return notice === undefined ? { ok: true, value } : { ok: true, value, notice };
}

export function bad(code: ProblemCode, values?: MessageValues): Normalised<never> {
  return values === undefined ? { ok: false, code } : { ok: false, code, values };
}
