import type { VoiceRecord } from '../../../audit/record.ts';

/** One thing that went wrong, put into a clean world. */
export interface Plant {
  /** The invariant that must report it, and no other. */
  readonly finds: string;
  readonly what: string;
  /** With `:name` for the world's ids. */
  readonly sql?: string;
  readonly record?: (record: VoiceRecord, ids: Readonly<Record<string, string>>) => VoiceRecord;
  /** Our rows alone: the same change would differ from the provider's record as well. */
  readonly withoutRecord?: true;
}

const happened: readonly Plant[] = [
  {
    finds: 'due_turn_has_reason',
    what: 'a wave that ended without a line and left no refusal',
    sql: 'delete from operation.refusal where request_id = :missed',
  },
  {
    finds: 'due_turn_has_reason',
    what: 'a turn that was withdrawn without anybody asking',
    sql: "delete from operation.audit where action = 'contact.pause_requested'",
  },
  {
    finds: 'due_turn_has_reason',
    what: 'a turn that has waited long past its end',
    sql: `insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key, priority,
                 eligible_at, deadline_at, state)
          select 'old', account_id, pool_id, batch_id, contact_id, 'old', 0, '2026-03-10', '2026-03-11',
                 'waiting' from core.line_request where contact_id = :calling`,
  },
  {
    finds: 'due_turn_has_reason',
    what: 'a refusal without a reason',
    sql: "update operation.refusal set reason = ' ' where request_id = :missed",
  },
  {
    finds: 'opened_contact_asked',
    what: 'an opened contact that never asked for a line',
    sql: `insert into core.contact (account_id, batch_id, person_id, ordinal, state, opened_at)
          select account_id, batch_id, (select person_id from core.contact where id = :promised), 99, 'waiting',
                 '2026-03-09' from core.contact where id = :calling`,
  },
  {
    finds: 'closed_as_earned',
    what: 'exhausted after two attempts',
    sql: "update core.contact set outcome = 'exhausted' where id = :promised",
  },
  {
    finds: 'closed_as_earned',
    what: 'excluded after two silent days',
    sql: 'update operation.call set rang = false where attempt_id = :silent',
  },
  {
    finds: 'closed_as_earned',
    what: 'closed by a result that no call had',
    sql: "update core.contact set outcome = 'interested' where id = :promised",
  },
];

interface Entry {
  readonly [field: string]: unknown;
}

const asEntry = (value: unknown): Entry => (typeof value === 'object' && value !== null ? { ...value } : {});

/** Changes what the provider has of one attempt. */
function changed(
  kind: 'posts' | 'calls',
  attempt: string,
  change: (entry: Entry) => readonly Entry[],
): NonNullable<Plant['record']> {
  return (record, ids) => ({
    ...record,
    [kind]: record[kind].flatMap((value) => {
      const entry = asEntry(value);
      return entry['attemptId'] === ids[attempt] ? change(entry) : [entry];
    }),
  });
}

const inCall = (fields: Entry) => (entry: Entry) => [
  { ...entry, call: { ...asEntry(entry['call']), ...fields } },
];
const unknown = '00000000-0000-4000-8000-000000000000';

const provider: readonly Plant[] = [
  {
    finds: 'attempt_has_one_call',
    what: 'an ended call without the id that the provider gave it',
    sql: 'update operation.call set provider_call_id = null where attempt_id = :first',
    withoutRecord: true,
  },
  {
    finds: 'provider_call_has_attempt',
    what: 'a call at the provider that no attempt explains',
    record: changed('calls', 'first', (call) => [
      call,
      { ...call, callId: 'call_ghost', attemptId: unknown },
    ]),
  },
  {
    finds: 'provider_call_has_attempt',
    what: 'a call at the provider in the name of another account',
    record: changed('calls', 'first', (call) => [{ ...call, accountId: unknown }]),
  },
  {
    finds: 'provider_call_has_attempt',
    what: "a call to a number that is not the attempt's",
    record: changed('calls', 'first', inCall({ to_number: '+56961999999' })),
  },
  {
    finds: 'placed_attempt_has_provider_call',
    what: 'a placed attempt that the provider does not have',
    record: changed('calls', 'first', () => []),
  },
  {
    finds: 'dialled_at_most_once',
    what: 'an attempt that was dialled twice',
    record: changed('posts', 'first', (post) => [post, { ...post, seq: 99 }]),
  },
  {
    finds: 'dialled_at_most_once',
    what: 'an attempt that was sent again after a refusal',
    record: changed('posts', 'rejected', (post) => [post, { ...post, seq: 99 }]),
  },
  {
    finds: 'dialled_in_its_moment',
    what: 'a POST a minute after its attempt',
    record: changed('posts', 'first', (post) => [
      { ...post, arrivedAtMs: Number(post['arrivedAtMs']) + 60_000 },
    ]),
  },
  {
    finds: 'dialled_in_its_moment',
    what: 'a POST a minute before its attempt was written',
    record: changed('posts', 'first', (post) => [
      { ...post, arrivedAtMs: Number(post['arrivedAtMs']) - 60_000 },
    ]),
  },
  ...(
    [
      ['disconnection_reason', "'user_hangup'"],
      ['started_at', "started_at + interval '1 second'"],
      ['ended_at', "ended_at - interval '1 second'"],
      ['duration_ms', 'duration_ms + 1'],
      ['provider_cost_micros', 'provider_cost_micros + 1'],
      ['provider_cost_products', "'[]'"],
      ['recording_url', 'null'],
      ['recording_multi_channel_url', "'https://voice.invalid/other.wav'"],
      ['public_log_url', "'https://voice.invalid/other.log'"],
      ['transcript', 'null'],
      ['summary', "'Otro.'"],
      ['sentiment', "'positive'"],
      ['successful', 'not successful'],
      ['in_voicemail', 'not in_voicemail'],
      ['captured', `captured || '{"otra": "1"}'`],
    ] as const
  ).map(([column, value]) => ({
    finds: 'results_equal_record',
    what: `a stored ${column} that is not the provider's`,
    sql: `update operation.call set ${column} = ${value} where attempt_id = :promise`,
  })),
  {
    finds: 'results_equal_record',
    what: 'an analysis that was lost and that nobody will ask for',
    sql: `update operation.call set analysed_at = null, summary = null where attempt_id = :silent;
          delete from operation.attempt_event where attempt_id = :silent and kind = 'analysed'`,
  },
  {
    finds: 'results_equal_record',
    what: 'a call given up here that still runs at the provider',
    record: changed('calls', 'first', inCall({ end_timestamp: undefined })),
  },
  {
    finds: 'promise_as_captured',
    what: 'a promise in the past',
    sql: `update operation.call set promise_date = '2026-03-01',
                 captured = captured || '{"fecha_pago_cliente": "2026-03-01"}' where attempt_id = :promise`,
    withoutRecord: true,
  },
  {
    finds: 'promise_as_captured',
    what: 'a promise of another amount than the captured one',
    sql: 'update operation.call set promise_micros = promise_micros + 1 where attempt_id = :promise',
  },
];

export const plants: readonly Plant[] = [...happened, ...provider];
