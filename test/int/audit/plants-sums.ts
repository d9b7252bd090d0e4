import type { Plant } from './plants.ts';

/** What reports would say when somebody's change left no touch. */
export const plantsOfSums: readonly Plant[] = [
  {
    finds: 'sums_say_rows',
    what: 'calls of hours that nobody summed, and nobody is going to',
    sql: "delete from operation.report_touch where kind = 'call'",
  },
  {
    finds: 'sums_say_rows',
    what: 'a sum of an hour without a call',
    sql: `
      insert into operation.report_hour
      select account_id, batch_id, '2026-01-01', 'America/Santiago', '2026-01-01', 1, '1', true, null, null, null,
             1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        from operation.attempt limit 1`,
  },
  {
    finds: 'sums_say_rows',
    what: 'refused turns that are in no sum',
    sql: "delete from operation.report_touch where kind = 'refusal'",
  },
];
