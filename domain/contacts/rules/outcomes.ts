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

/** A contact that closed so was never reached: whoever asks what came of a batch must not read it as done. */
export const unreachedOutcomes = ['exhausted', 'excluded', 'no_phone', 'no_legal_time', 'expired'] as const;

/** We ended these ourselves: neither a result nor a failure of the calls. */
export const withdrawnOutcomes = ['cancelled', 'removed', 'stopped'] as const;
