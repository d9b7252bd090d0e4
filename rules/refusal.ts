/** Why a turn did not become a dial. Each is a row in operation.refusal, and none is an attempt. */
export type RefusalReason =
  | 'batch_not_running'
  | 'contact_closed'
  | 'line_lost'
  | 'do_not_call'
  | 'phone_invalid'
  | 'simulated_only'
  | 'caller_id'
  | 'outside_window'
  | 'daily_limit'
  | 'cool_down'
  | 'person_on_call'
  | 'no_line'
  | 'no_credit'
  | 'batch_paused'
  | 'worker_late'
  | 'worker_died';
