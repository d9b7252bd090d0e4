import type pg from 'pg';

/**
 * What the live invariants look at: everything but the accounts of rehearsals. That nothing of such an account can ring
 * is an invariant of its own, so that a wrong kind does not take an account out of the audit's sight.
 */
const views = `
create temp view live_batch as select b.* from seen_batch b join seen_account o on o.id = b.account_id and o.kind <> 'rehearsal';
create temp view live_contact as
  select k.* from seen_contact k join live_batch b on b.id = k.batch_id;
create temp view live_request as
  select r.* from seen_line_request r join live_batch b on b.id = r.batch_id;
create temp view live_lease as
  select l.* from seen_line_lease l join live_request r on r.id = l.request_id;
create temp view live_hold as
  select h.* from seen_ledger_hold h join live_request r on r.id = h.request_id;
create temp view live_refusal as select r.* from seen_refusal r join live_batch b on b.id = r.batch_id;
create temp view live_attempt as
  select a.*, p.e164, s.erased_at, c.state as call_state,
         -- The provider's own no, before anything rang, is no attempt.
         c.state is distinct from 'rejected' as counts,
         (a.attempted_at at time zone a.zone)::date as day
    from seen_attempt a
    join live_batch b on b.id = a.batch_id
    join seen_phone p on p.id = a.phone_id
    join seen_person s on s.id = a.person_id
    left join seen_call c on c.attempt_id = a.id;
create temp view live_call as
  select c.*, a.contact_id as attempt_contact_id, a.person_id, a.batch_id, a.lease_id, a.request_id, a.zone,
         a.attempted_at, a.erased_at
    from seen_call c join live_attempt a on a.id = c.attempt_id;

-- The limits that an attempt was made under. Three a day to a person whatever pack and policy say.
create temp view live_terms as
  select a.id as attempt_id, r.definition as pack, v.definition as policy,
         least(3, (v.definition ->> 'callsPerDay')::int,
               (select min((l ->> 'max')::int) from jsonb_array_elements(r.definition -> 'limits') l
                 where l ->> 'channel' in ('phone', 'any') and l ->> 'countOn' = 'attempt'
                   and l -> 'per' ->> 'kind' = 'day')) as calls_per_day,
         (r.definition -> 'coolDown' ->> 'days')::int as cooldown_days
    from live_attempt a
    join seen_batch b on b.id = a.batch_id
    join seen_rule_pack_version r on r.key = b.pack_key and r.version = b.pack_version
    join seen_policy_version v on v.key = b.policy_key and v.version = b.policy_version;
`;

/**
 * The audit's own calendar. Colombia: ley 51 de 1983 and its Mondays. Peru: D. Leg. 713, leyes 31381, 31788, 31822. Chile: leyes 2.977, 19.668 (San Pedro y San Pablo, 12 de octubre: al lunes), 20.148,
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
  ])},
  ${days('CO', [
    '2026-01-01 2026-01-12 2026-03-23 2026-04-02 2026-04-03 2026-05-01 2026-05-18 2026-06-08 2026-06-15 2026-06-29',
    '2026-07-13 2026-07-20 2026-08-07 2026-08-17 2026-10-12 2026-11-02 2026-11-16 2026-12-08 2026-12-25',
    '2027-01-01 2027-01-11 2027-03-22 2027-03-25 2027-03-26 2027-05-01 2027-05-10 2027-05-31 2027-06-07 2027-07-05',
    '2027-07-12 2027-07-20 2027-08-07 2027-08-16 2027-10-18 2027-11-01 2027-11-15 2027-12-08 2027-12-25',
    '2028-01-01 2028-01-10 2028-03-20 2028-04-13 2028-04-14 2028-05-01 2028-05-29 2028-06-19 2028-06-26 2028-07-03',
    '2028-07-10 2028-07-20 2028-08-07 2028-08-21 2028-10-16 2028-11-06 2028-11-13 2028-12-08 2028-12-25',
  ])},
  ${days('PE', [
    ...[2026, 2027, 2028].map((year) =>
      [
        '01-01',
        '05-01',
        '06-07',
        '06-29',
        '07-23',
        '07-28',
        '07-29',
        '08-06',
        '08-30',
        '10-08',
        '11-01',
        '12-08',
      ]
        .concat('12-09', '12-25')
        .map((day) => `${year}-${day}`)
        .join(' '),
    ),
    '2026-04-02 2026-04-03 2027-03-25 2027-03-26 2028-04-13 2028-04-14',
  ])};
create temp view holiday_year as
  select distinct country, extract(year from day)::int as year from holiday;

-- Where a person without a zone may live: all of them must allow the call. Whoever's state is known is judged by the
-- zone of the attempt alone.
create temp view country_zone (country, zone) as values
  ('CL', 'America/Santiago'), ('CL', 'America/Punta_Arenas'), ('CL', 'America/Coyhaique'), ('CL', 'Pacific/Easter'),
  ('CO', 'America/Bogota'), ('PE', 'America/Lima'), ('US', 'America/New_York'), ('US', 'America/Chicago'),
  ('US', 'America/Denver'), ('US', 'America/Phoenix'), ('US', 'America/Los_Angeles'), ('US', 'America/Anchorage'),
  ('US', 'America/Adak'), ('US', 'Pacific/Honolulu'), ('US', 'America/Puerto_Rico');

-- Corrections of the calendar, as they were in force for a person at an instant.
create temp view changed_holiday as
  select h.*, ' ' || regexp_replace(translate(lower(h.region), 'áéíóúüñ', 'aeiouun'), '[^a-z0-9]+', ' ', 'g') || ' ' as place
    from seen_holiday h;
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
