import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import type { Plant } from './plants.ts';

/** The attempt that the provider rejected, at another instant: it counts for no limit, and the window is the window. */
const moved = (to: string, opened: string): string => `
  update core.contact set opened_at = '${opened}' where id = :cancelled;
  update operation.attempt set attempted_at = '${to}',
         local_day = (timestamptz '${to}' at time zone 'America/Santiago')::date where id = :rejected;
  update core.line_lease set granted_at = timestamptz '${to}' - interval '1 second',
         released_at = timestamptz '${to}' + interval '20 seconds' where id = :rejected;
  insert into operation.report_touch (account_id, kind, batch_id, hour_at)
  select account_id, 'call', batch_id, date_trunc('hour', attempted_at, 'UTC') from operation.attempt where id = :rejected;`;

/** An id that nobody has yet. */
const unknown = '00000000-0000-4000-8000-000000000000';

/** The pack of the finished batch with one limit more than it was made under. */
const withLimit = (limit: Readonly<Record<string, unknown>>): string => `
  update catalogue.rule_pack_version
     set definition = jsonb_insert(definition, '{limits,0}', '${JSON.stringify({ channel: 'phone', ...limit })}')
   where key = '${clCollectionWaves.key}' and version = ${clCollectionWaves.version}`;

export const plantsOfLaw: readonly Plant[] = [
  {
    finds: 'inside_window',
    what: 'an attempt half an hour after eight in the evening',
    sql: moved('2026-03-10T23:30:00Z', '2026-03-09'),
    withoutRecord: true,
  },
  {
    finds: 'inside_window',
    what: 'an attempt on a Sunday',
    sql: moved('2026-03-08T15:05:00Z', '2026-03-01'),
    withoutRecord: true,
  },
  {
    finds: 'inside_window',
    what: 'an attempt on a holiday, a Thursday',
    sql: moved('2026-01-01T15:05:00Z', '2025-12-01'),
    withoutRecord: true,
  },
  {
    finds: 'inside_window',
    what: 'an attempt in a year whose holidays the audit does not know',
    sql: moved('2025-12-30T15:05:00Z', '2025-12-01'),
    withoutRecord: true,
  },
  {
    finds: 'inside_window',
    what: 'an attempt too early for its own zone, and not for Santiago',
    sql: "update operation.attempt set zone = 'Pacific/Easter' where id = :first",
  },
  {
    finds: 'inside_window',
    what: 'an attempt too early for one of the zones in which the person may live',
    sql: `update core.person set zone = null where id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'day_of_its_zone',
    what: 'an attempt that is counted on another day than its own',
    sql: 'update operation.attempt set local_day = local_day - 1 where id = :rejected',
  },
  {
    finds: 'person_daily_limit',
    what: "two phones of one person used to go round the person's limit",
    sql: `update catalogue.policy_version set definition = definition || '{"callsPerDay": 1}';
          insert into core.phone (id, account_id, person_id, e164, position)
          select '${unknown}', account_id, person_id, '+56961888888', 1 from core.contact where id = :promised;
          update operation.attempt set phone_id = '${unknown}' where id = :promise`,
    withoutRecord: true,
  },
  {
    finds: 'phone_daily_limit',
    what: "two people behind one phone used to go round the phone's limit",
    sql: `update catalogue.policy_version set definition = definition || '{"callsPerDay": 2}';
          update core.phone set e164 = (select p.e164 from core.phone p join core.contact k using (person_id)
                                         where k.id = :promised)
           where person_id = (select person_id from core.contact where id = :excluded)`,
    withoutRecord: true,
  },
  {
    finds: 'cool_down',
    what: 'a call three hours after a human answered',
    sql: 'update operation.call set human = true where attempt_id = :first',
  },
  {
    finds: 'pack_limits',
    what: 'a second call in the rolling days in which the pack allows one',
    sql: withLimit({ countOn: 'attempt', max: 1, per: { kind: 'rolling_days', days: 2 }, scope: 'person' }),
  },
  {
    finds: 'pack_limits',
    what: 'a second call that rang in the week of a phone that the pack allows one',
    sql: withLimit({ countOn: 'ring', max: 1, per: { kind: 'calendar_week' }, scope: 'phone' }),
  },
  {
    finds: 'pack_limits',
    what: 'a call before the pause of the pack was over',
    sql: withLimit({
      countOn: 'attempt',
      max: 9,
      per: { kind: 'day' },
      minGapMs: 14_400_000,
      scope: 'person',
    }),
  },
  {
    finds: 'pack_limits',
    what: 'a call on the day of a message, where the two count together',
    sql: `${withLimit({ channel: 'any', countOn: 'ring', max: 1, per: { kind: 'day' }, scope: 'person' })};
          insert into core.person_message (id, account_id, person_id, channel, counted_at, requested)
          select '${unknown}', account_id, person_id, 'sms', '2026-03-10T11:30:00Z', false
            from core.contact where id = :excluded`,
  },
  {
    finds: 'rehearsals_ring_nobody',
    what: 'a rehearsal on lines that ring people',
    sql: "update catalogue.pool set rehearsal = false where key = 'audit-rehearsal'",
  },
  {
    finds: 'inside_window',
    what: 'an attempt on a day that the catalogue calls a holiday where the person lives',
    sql: `insert into catalogue.holiday (country, region, day, name, kind, created_by, created_at)
          values ('CL', 'Chillán', '2026-03-10', 'Prueba', 'closed', 'test', '2026-01-01');
          update core.person set region = 'Comuna de Chillan'
           where id = (select person_id from core.contact where id = :excluded)`,
  },
  {
    finds: 'reschedule_was_asked',
    what: 'a call in the name of a request that nobody made',
    sql: 'update operation.attempt set rescheduled = true where id = :first',
  },
  {
    finds: 'do_not_call',
    what: 'a call to somebody who had asked for none',
    sql: `update core.person set do_not_call_at = '2026-03-09T14:00:00Z'
           where id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'do_not_call_is_kept',
    what: 'a request not to be called that was heard and not kept',
    sql: `update operation.call set captured = '{"resultado": "no_llamar"}' where attempt_id = :first`,
    withoutRecord: true,
  },
  {
    finds: 'blocked_is_left_alone',
    what: 'a call to somebody whose data are blocked',
    sql: `update core.person set blocked_at = '2026-03-09T14:00:00Z'
           where id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'blocked_is_left_alone',
    what: 'a call between a request for blocking and its end',
    sql: `insert into operation.audit (account_id, actor, action, subject, at)
          select account_id, 'test', action, person_id::text, said.at::timestamptz
            from core.contact,
                 (values ('person.blocked', '2026-03-09T00:00:00Z'), ('person.block_lifted', '2026-03-15T00:00:00Z'))
                   as said (action, at)
           where id = :promised`,
  },
  {
    finds: 'one_channel_a_week',
    what: 'a call in the week of an answered message, where the law leaves one channel',
    sql: `update catalogue.rule_pack_version set definition = definition || '{"oneChannelAWeek": true}';
          insert into core.person_message (id, account_id, person_id, channel, counted_at, requested, answered_at)
          select '${unknown}', account_id, person_id, 'whatsapp', '2026-03-09T00:30:00Z', true, '2026-03-09T04:00:00Z'
            from core.contact where id = :excluded`,
  },
  {
    finds: 'pack_limits',
    what: 'a call beyond what the place of the person makes stricter',
    sql: `update catalogue.rule_pack_version set definition = definition || '{"overlays": [{"places": ["Arica"], "limits":
            [{"channel": "any", "countOn": "attempt", "max": 1, "per": {"kind": "rolling_days", "days": 2}, "scope": "person"}]}]}';
          update core.person set region = 'Arica'
           where id = (select person_id from core.contact where id = :excluded)`,
  },
  {
    finds: 'phone_that_exists',
    what: 'a call to a number that was known not to exist',
    sql: `update core.phone set invalid_at = '2026-03-09T14:00:00Z'
           where person_id = (select person_id from core.contact where id = :promised)`,
  },
  {
    finds: 'pack_is_allowed',
    what: 'a batch under a pack that nobody signed off',
    sql: 'update catalogue.account_rule_pack set signed_off_at = null',
  },
  {
    finds: 'pack_is_allowed',
    what: 'a batch under a pack that its account did not choose',
    sql: "delete from catalogue.account_rule_pack where pack_key = 'demo'",
  },
  {
    finds: 'pack_is_allowed',
    what: "the demo's pack at a provider that rings real phones",
    sql: 'update catalogue.pool set simulated = false',
  },
  {
    finds: 'pack_is_allowed',
    what: 'a caller id that the law does not allow',
    sql: "update catalogue.pool set simulated = false, from_number = '+56221234567'",
  },
  {
    finds: 'group_of_the_day',
    what: 'two people called on a day whose group is of one',
    sql: 'update core.batch set group_size = 1 where id = :batch',
  },
];
