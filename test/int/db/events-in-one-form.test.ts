import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateTo } from '../../../db/migrate.ts';
import { createDatabaseAt, type OldDatabase } from '../../support/postgres.ts';

const accountId = randomUUID();
const before = '20261129T2200_imports_as_work';
let database: OldDatabase;
let client: pg.Client;
let url: string;
beforeAll(async () => {
  database = await createDatabaseAt(before);
  ({ client, url } = database);
  await client.query(
    `insert into catalogue.account (id, slug, name, country, zone, debt_currency, plan)
     values ($1, 'one', 'x', 'CL', 'America/Santiago', 'CLP', 'credit_based')`,
    [accountId],
  );
});
afterAll(() => database.drop());

/** As the release before wrote it, with one delivery. */
async function event(
  type: string,
  data: object,
  state: 'pending' | 'delivered' | 'dead' = 'pending',
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `with e as (insert into operation.event (account_id, type, subject, occurred_at, data)
                values ($1, $2, 'the-subject', now(), $3) returning id),
          p as (insert into catalogue.webhook_endpoint (account_id, url, secret_sealed) values ($1, 'https://x', 's') returning id),
          d as (insert into operation.webhook_delivery (account_id, event_id, endpoint_id, state, delivered_at, died_at)
                select $1, e.id, p.id, $4, case when $4 = 'delivered' then now() end, case when $4 = 'dead' then now() end
                  from e, p)
     select id from e`,
    [accountId, type, JSON.stringify(data), state],
  );
  return rows[0]?.id ?? '';
}

it('events that may still be sent have the one form after the migration, and what was delivered stays as it was sent', async () => {
  const plan = {
    agreement_id: 'a',
    attempt_id: null,
    total_micros: '104050000000',
    discount_micros: '0',
    currency: 'CLP',
    instalments: [
      { due_date: '2027-03-01', amount_micros: '100000000000' },
      { due_date: '2027-04-01', amount_micros: '4050500000' },
    ],
  };
  const money = (amount: string) => ({ amount, unit: 'CLP' });
  const payment = {
    payment_id: 'p',
    amount_micros: '-1',
    unallocated_micros: '0',
    balance_micros: '5000000',
  };
  const opened = { contact_id: 'c', batch_id: 'b', run: 1 };
  const message = { contactId: 'c', batchId: 'b', agreementId: null, channel: 'whatsapp' };
  const ids = [
    await event('plan.made', plan),
    await event('payment.recorded', { ...payment, currency: 'CLP' }, 'dead'),
    await event('message.sent', message),
    await event('link.clicked', { agreementId: 'a' }),
    await event('contact.opened', opened),
    await event('message.sent', message, 'delivered'),
  ];
  await migrateTo(url, '20261130T0200_events_in_one_form');
  const { rows } = await client.query<{ id: string; data: object }>('select id, data from operation.event');
  expect(ids.map((id) => rows.find((row) => row.id === id)?.data)).toEqual([
    {
      agreement_id: 'a',
      attempt_id: null,
      total: money('104050'),
      discount: money('0'),
      instalments: [
        { due_date: '2027-03-01', amount: money('100000') },
        { due_date: '2027-04-01', amount: money('4050.5') },
      ],
    },
    { payment_id: 'p', amount: money('-0.000001'), unallocated: money('0'), balance: money('5') },
    { contact_id: 'c', batch_id: 'b', agreement_id: null, channel: 'whatsapp' },
    { link_id: 'the-subject', agreement_id: 'a' },
    opened,
    message,
  ]);
});
