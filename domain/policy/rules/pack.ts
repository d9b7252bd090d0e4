import type { HolidayChange } from './holidays.ts';
import type { StopCause } from './stop.ts';

/** Weekday as ISO 8601 counts it: 1 Monday … 7 Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Minutes after local midnight, `[from, to)`. */
export interface MinuteWindow {
  readonly from: number;
  readonly to: number;
}

/** Hours by local weekday. A weekday that is absent allows none. */
export type Windows = Readonly<Partial<Record<Weekday, readonly MinuteWindow[]>>>;

export type Confidence = 'high' | 'medium' | 'low' | 'none';

/** What a limit counts over. Days and weeks (Monday to Sunday) are those of the person's own calendar. */
export type LimitPeriod =
  | { readonly kind: 'day' }
  | { readonly kind: 'calendar_week' }
  /** So many times 24 hours back from the instant that is judged. */
  | { readonly kind: 'rolling_days'; readonly days: number };

/** How often, by which channel, counted on what. */
export interface Limit {
  readonly channel: 'phone' | 'messaging' | 'any';
  /** A message counts on each of the three: it reaches whoever it is sent to. */
  readonly countOn: 'attempt' | 'ring' | 'human';
  /** Most in one period; one more is refused. */
  readonly max: number;
  readonly per: LimitPeriod;
  /** Least time after the last one that counts. */
  readonly minGapMs?: number;
  /**
   * Whose calls are counted together. A limit that a law sets for a debt is kept for the person: never looser, and
   * nobody has to tell which debt a ring was about.
   */
  readonly scope: 'person' | 'phone';
  /** Does not hold for a contact that the person asked for. It is counted all the same. */
  readonly waivedByRequest?: boolean;
}

/** What the agent must say before it knows with whom it speaks, in this order: nothing of it names a debt. */
export const OPENING_DISCLOSURES = ['ai', 'recording', 'identity', 'creditor'] as const;

/**
 * What it must say once the person is known to be the debtor, and to nobody else. `collector`: that a debt collector speaks
 * (12 CFR 1006.18). `debt`: where the debt comes from, interest and fees, how to pay, rights, and that this is no court's
 * procedure (Ley 21.062).
 */
export const DEBTOR_DISCLOSURES = ['collector', 'debt'] as const;

export type Disclosure = (typeof OPENING_DISCLOSURES)[number] | (typeof DEBTOR_DISCLOSURES)[number];

/** What is stricter in a part of the country: its limits hold beside the pack's own for whoever lives there, or may. */
export interface Overlay {
  readonly title: string;
  /** Names under which files know the place; one of them, as whole words, in what is known of where the person lives. */
  readonly places: readonly string[];
  readonly source: string;
  readonly limits: readonly Limit[];
}

/** What may be left on an answering machine: nothing; a text that names no debt; whatever the agent is set to. */
export type VoicemailRule =
  | { readonly policy: 'forbidden' }
  | { readonly policy: 'limited'; readonly text: string }
  | { readonly policy: 'full' };

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
  readonly purpose: 'collection' | 'commercial' | 'service';
  /** Law, article and publication that the figures were taken from. */
  readonly source: string;
  /** Day on which the source was read, YYYY-MM-DD. */
  readonly readOn: string;
  readonly confidence: Confidence;
  /** Hours in which a call may be placed. */
  readonly windows: Windows;
  /** Hours in which a message may be sent, where they differ from those of calls. */
  readonly messageWindows?: Windows;
  /** Public holidays of `country` allow no contact. */
  readonly closedOnHolidays: boolean;
  readonly limits: readonly Limit[];
  /** Silence after a human answered, unless the person asked for the contact. 0 days: none. */
  readonly coolDown: {
    readonly days: number;
    /** Who was reached on the phone is written to by no other channel until the next week begins. */
    readonly otherChannelsInWeek: boolean;
  };
  /**
   * Who was reached directly (a call that a human answered, a message that they answered) is reached by that channel alone
   * until the next week begins, by whichever of calls and messages it was.
   */
  readonly oneChannelAWeek?: boolean;
  /** A call that the person pushed away is one that a human answered. */
  readonly declinedIsHuman: boolean;
  /** A call that an answering machine took is one that a human answered. */
  readonly voicemailIsHuman: boolean;
  readonly voicemail: VoicemailRule;
  readonly disclosures: readonly Disclosure[];
  /** None: the same everywhere. */
  readonly overlays?: readonly Overlay[];
  /** In which the disclosures are said. */
  readonly language: 'es' | 'en';
  /** Caller ids must start with one of these (E.164). Empty: any. */
  readonly callerIdPrefixes: readonly string[];
  readonly stopOn: readonly StopCause[];
  /** The register of contacts is kept for at least so long. */
  readonly retentionDaysMin: number;
  /** Looser than the strict reading of the law: live batches need the account's recorded sign-off. */
  readonly needsSignOff: boolean;
  /** For a provider that rings nobody: a real one refuses it. */
  readonly simulatedOnly: boolean;
  /**
   * Never stored with a pack: the catalogue's corrections of the holiday calendar that hold where the person lives, put
   * in by whoever loads pack and person (`holdingIn`), so that no caller of the calendar can forget them.
   */
  readonly holidayChanges?: readonly HolidayChange[];
}
