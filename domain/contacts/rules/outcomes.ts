/** How a call ended, as the use case read it. */
export const CALL_OUTCOMES = [
  'promise',
  'answered',
  'completed',
  'interested',
  'refused',
  'already_paid',
  'callback_requested',
  'do_not_call',
  'wrong_person',
  'voicemail',
  'silent',
  'no_answer',
  'busy',
  'declined',
  'technical',
  'invalid_destination',
  'operator_stopped',
  'dispute',
  'hardship',
  'legal',
] as const;

export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** How a contact ended. */
export type ContactOutcome =
  | 'promise'
  | 'answered'
  | 'completed'
  | 'interested'
  | 'refused'
  | 'already_paid'
  | 'callback_requested'
  | 'do_not_call'
  | 'excluded'
  | 'exhausted'
  | 'no_phone'
  | 'no_legal_time'
  | 'expired'
  | 'stopped'
  | 'cancelled'
  | 'paid'
  | 'promise_kept'
  | 'promise_broken'
  | 'dispute'
  | 'hardship'
  | 'legal'
  | 'removed';

/** Why nobody calls or writes to a person any more. */
export const STOP_REASONS = [
  'do_not_call',
  'legal',
  'insolvency',
  'dispute',
  'hardship',
  'removed',
  'deceased',
] as const;

export type StopReason = (typeof STOP_REASONS)[number];
