/**
 * A span in which a contact may be called, as numbers: workflow code compares them and does no calendar maths.
 * JSON-plain, because it crosses into workflow state.
 */
export interface Slot {
  /** Unique within a contact, e.g. '2026-11-23/12:00'. */
  readonly key: string;
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  readonly localDay: string;
  /** In words, for the operator: 'la tanda de las 12:00 del lunes 23-11-2026'. */
  readonly label: string;
}
