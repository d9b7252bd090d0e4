/** Weekday as ISO 8601 counts it: 1 Monday … 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Minutes after local midnight, `[from, to)`. */
export interface MinuteWindow {
  readonly from: number;
  readonly to: number;
}

export type Confidence = 'high' | 'medium' | 'low' | 'none';

/**
 * What the law (or a customer's stricter reading of it) allows: data, one file a pack. A pack is checked in the same
 * transaction that records the attempt, and a new reading is a new version, never an edit.
 */
export interface RulePack {
  readonly key: string;
  readonly version: number;
  readonly title: string;
  /** ISO 3166 country, or null for a pack that no country's law stands behind. */
  readonly country: string | null;
  /** Law, article and publication that the figures were taken from. */
  readonly source: string;
  /** Day on which the source was read, YYYY-MM-DD. */
  readonly readOn: string;
  readonly confidence: Confidence;
  /** Hours in which a call may be placed, by local weekday. A weekday that is absent allows none. */
  readonly windows: Readonly<Partial<Record<Weekday, readonly MinuteWindow[]>>>;
  /** Public holidays of `country` allow no call. */
  readonly closedOnHolidays: boolean;
  /** Most dials to one person on one local day while nobody answers. */
  readonly callsPerDay: number;
  /** Days of silence after a human answered, unless the person asked for the call. 0: none. */
  readonly cooldownDays: number;
  /** Caller ids must start with one of these (E.164). Empty: any. */
  readonly callerIdPrefixes: readonly string[];
  /** Looser than the strict reading of the law: live batches need the account's recorded sign-off. */
  readonly needsSignOff: boolean;
  /** For a provider that rings nobody: a real one refuses it. */
  readonly simulatedOnly: boolean;
}
