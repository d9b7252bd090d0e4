import type { Generated } from 'kysely';
import type { DefaultInstant, Instant, MaybeInstant } from './columns.ts';

/** Rows of the law: corrections of the holiday calendar, and messages that count against limits. */

export interface HolidayTable {
  id: Generated<string>;
  account_id: string | null;
  country: string;
  region: string | null;
  day: string;
  every_year: Generated<boolean>;
  name: string;
  kind: 'closed' | 'open';
  source: Generated<string>;
  created_by: string;
  created_at: DefaultInstant;
  removed_by: string | null;
  removed_at: MaybeInstant;
}
export interface PersonMessageTable {
  id: string;
  account_id: string;
  person_id: string;
  channel: 'whatsapp' | 'sms' | 'email';
  counted_at: Instant;
  requested: boolean;
  undone_at: MaybeInstant;
  /** When the person last answered it. */
  answered_at: MaybeInstant;
}
