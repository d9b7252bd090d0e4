/** Why a turn did not become a dial, or a message was not sent. Each is a row in operation.refusal, and no attempt. */
export const REFUSAL_REASONS = [
  'batch_not_running',
  'contact_closed',
  'line_lost',
  'do_not_call',
  'debt_settled',
  'agreed_call_lapsed',
  'stopped',
  'phone_invalid',
  'channel_closed',
  'simulated_only',
  'caller_id',
  'outside_window',
  'daily_limit',
  'weekly_limit',
  'rolling_limit',
  'gap',
  'cool_down',
  'other_channel',
  'person_on_call',
  'no_line',
  'no_credit',
  'batch_paused',
  'worker_late',
  'worker_died',
] as const;

export type RefusalReason = (typeof REFUSAL_REASONS)[number];
