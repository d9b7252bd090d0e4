import type pg from 'pg';

/**
 * What the live invariants look at. An attempt is live when it or its batch says so: a wrong realm must not take it out
 * of the audit's sight.
 */
const views = `
create temp view live_batch as select * from seen_batch where realm = 'live';
create temp view live_contact as
  select k.* from seen_contact k join live_batch b on b.id = k.batch_id;
create temp view live_request as
  select r.* from seen_line_request r join live_batch b on b.id = r.batch_id;
create temp view live_lease as
  select l.* from seen_line_lease l join live_request r on r.id = l.request_id;
create temp view live_hold as
  select h.* from seen_ledger_hold h join live_request r on r.id = h.request_id;
create temp view live_refusal as select * from seen_refusal where realm = 'live';
create temp view live_attempt as
  select a.*, p.e164, c.state as call_state,
         -- The provider's own no, before anything rang, is no attempt.
         c.state is distinct from 'rejected' as counts,
         (a.attempted_at at time zone a.zone)::date as day
    from seen_attempt a
    join seen_batch b on b.id = a.batch_id
    join seen_phone p on p.id = a.phone_id
    left join seen_call c on c.attempt_id = a.id
   where a.realm = 'live' or b.realm = 'live';
create temp view live_call as
  select c.*, a.contact_id as attempt_contact_id, a.person_id, a.batch_id, a.lease_id, a.request_id, a.zone,
         a.attempted_at
    from seen_call c join live_attempt a on a.id = c.attempt_id;

-- The limits that an attempt was made under. Three a day to a person whatever pack and policy say.
create temp view live_terms as
  select a.id as attempt_id, r.definition as pack, v.definition as policy,
         least(3, (r.definition ->> 'callsPerDay')::int, (v.definition ->> 'callsPerDay')::int) as calls_per_day,
         (r.definition ->> 'cooldownDays')::int as cooldown_days
    from live_attempt a
    join seen_batch b on b.id = a.batch_id
    join seen_rule_pack_version r on r.key = b.pack_key and r.version = b.pack_version
    join seen_policy_version v on v.key = b.policy_key and v.version = b.policy_version;
`;

/**
 * The audit's own calendar. Chile: leyes 2.977, 19.668 (San Pedro y San Pablo, 12 de octubre: al lunes), 20.148,
 * 20.215 and 20.983 (17 and 20 of September), 20.299 (31 de octubre: al viernes), 21.357 (solsticio). Sundays are in
 * no pack's hours. Extend it before 2029: an attempt in a year without a list is a breach, not a blank.
 */
const calendar = `
create temp view holiday (country, day) as values
  ${days('CL', [
    '2026-01-01 2026-04-03 2026-04-04 2026-05-01 2026-05-21 2026-06-21 2026-06-29 2026-07-16 2026-08-15 2026-09-18',
    '2026-09-19 2026-10-12 2026-10-31 2026-11-01 2026-12-08 2026-12-25',
    '2027-01-01 2027-03-26 2027-03-27 2027-05-01 2027-05-21 2027-06-21 2027-06-28 2027-07-16 2027-08-15 2027-09-17',
    '2027-09-18 2027-09-19 2027-10-11 2027-10-31 2027-11-01 2027-12-08 2027-12-25',
    '2028-01-01 2028-04-14 2028-04-15 2028-05-01 2028-05-21 2028-06-20 2028-06-26 2028-07-16 2028-08-15 2028-09-18',
    '2028-09-19 2028-10-09 2028-10-27 2028-11-01 2028-12-08 2028-12-25',
  ])};
create temp view holiday_year as
  select distinct country, extract(year from day)::int as year from holiday;

-- Where a person without a zone may live: all of them must allow the call.
create temp view country_zone (country, zone) as values
  ('CL', 'America/Santiago'), ('CL', 'America/Punta_Arenas'), ('CL', 'America/Coyhaique'), ('CL', 'Pacific/Easter');
`;

function days(country: string, lines: readonly string[]): string {
  return lines
    .flatMap((line) => line.split(' '))
    .map((day) => `('${country}', date '${day}')`)
    .join(',');
}

/** Makes the views over `seen_…` for the rest of the transaction. */
export async function openLiveViews(client: pg.ClientBase): Promise<void> {
  await client.query(views);
  await client.query(calendar);
}
