/**
 * One thing that must always be true, as one SELECT over what the audit sees: a row for each thing that is checked,
 * with `subject` (an id) and `breach` (in words, null when all is well). So each invariant also counts what it saw.
 */
export interface Invariant {
  readonly name: string;
  readonly es: string;
  readonly en: string;
  readonly sql: string;
  /** Compares with the provider's own record: cannot be told without one. */
  readonly needsRecord?: true;
  /** News can be under way for some seconds while the stack works: looked at again before it counts. */
  readonly settles?: true;
}

export interface Breach {
  /** Ids only: an audit is shown to people who may not see names and numbers. */
  readonly subject: string;
  readonly detail: string;
}

export interface InvariantReport {
  readonly name: string;
  readonly statement_es: string;
  readonly statement_en: string;
  /** Rows looked at. */
  readonly checked: number;
  readonly breachCount: number;
  /** The first of them. */
  readonly breaches: readonly Breach[];
  /** False: it needs the provider's record, and there was none. */
  readonly compared: boolean;
}

export interface AuditReport {
  /** No breach in anything that was compared; never true of a database in which nothing happened. */
  readonly clean: boolean;
  readonly invariants: readonly InvariantReport[];
  readonly accounts: number;
  /** Where each account's chain of audit rows ends: to be compared with what the log said on another day. */
  readonly heads: readonly AuditHead[];
}

export interface AuditHead {
  readonly account: string;
  readonly no: string;
  readonly hash: string;
}

export interface VoiceRecordSource {
  readonly url: string;
  readonly apiKey: string;
  /** The address was not named for the audit: a server there that keeps no record is no error. */
  readonly assumed?: boolean;
}

/** The audit could not look, which is not the same as having found nothing. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}
