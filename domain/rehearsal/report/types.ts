import type { Money } from '../../shared/rules/money.ts';

/** What a rehearsal came to. JSON-plain: it is stored, answered by the API and rendered. */
export interface RehearsalReport {
  readonly seed: string;
  readonly policy: string;
  readonly pack: string;
  /** ISO 8601, in the account's zone. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly contacts: number;
  readonly calls: number;
  /** Contacts by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What the account would be charged, by unit ('USD' or 'SEC'), in whole units. */
  readonly charged: Readonly<Record<string, number>>;
  /** What the provider would charge us, USD. */
  readonly providerUsd: number;
  /** Money that came in, by currency, in whole units. */
  readonly recovered: Readonly<Record<string, number>>;
  readonly calendar: readonly CalendarCell[];
  readonly refusals: readonly RefusedTurns[];
  readonly stories: readonly Story[];
  readonly checks: readonly RuleCheck[];
}

/** What every call of the rehearsal was held against once more, from its rows. */
export interface RuleCheck {
  /** In Spanish. */
  readonly rule: string;
  /** Calls that were looked at. */
  readonly calls: number;
  /** Those that break it: row of the file and instant, in words. */
  readonly breaches: readonly string[];
}

export interface CalendarCell {
  /** 'YYYY-MM-DD'. */
  readonly day: string;
  /** '09:00', or 'acordada'. */
  readonly wave: string;
  readonly calls: number;
  readonly answered: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Turns that did not become a call, by the rule that said so. */
export interface RefusedTurns {
  readonly reason: string;
  readonly rule: string;
  readonly turns: number;
}

export interface Story {
  /** The row of the file that has the person, the first of several. */
  readonly row: number;
  readonly name: string;
  readonly national_id: string | null;
  readonly phones: readonly string[];
  /** An amount a currency. */
  readonly debt: readonly Money[];
  readonly outcome: string;
  readonly attempts: number;
  /** In the order of the rehearsal's clock. */
  readonly events: readonly StoryEvent[];
}

export interface StoryEvent {
  /** Local wall clock: '2027-03-08 09:00'. */
  readonly at: string;
  /** In Spanish. */
  readonly words: string;
}
