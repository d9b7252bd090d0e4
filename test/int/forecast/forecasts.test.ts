import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runForecast } from '../../../api/forecasts/run-forecast.ts';
import { forecastOf, type ForecastTerms } from '../../../domain/forecast/plan.ts';
import { type ApiWorld, ask, createApiWorld, textOf } from '../../support/api.ts';
import { until } from '../../support/live-world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const asked = { contacts: 200, lines: 5, pack: 'cl-collection-waves', start: '2027-03-08', seed: '7' };
const terms: ForecastTerms = {
  contacts: 200,
  lines: 5,
  policy: 'collection-waves',
  pack: 'cl-collection-waves',
  group: null,
  days: 60,
  start: '2027-03-08',
  zone: null,
  usdPerMinute: 0.04,
  seed: '7',
};
const send = (json: object, headers: Readonly<Record<string, string>> = {}, as = api.one) =>
  ask(api.app, 'POST', '/api/v1/forecasts', { as, json, headers });
const idle = () =>
  until('no forecast is lived', async () => {
    const { status } = await send({ ...asked, contacts: 1 }, { prefer: 'wait=60' });
    return status === 200;
  });

describe('a forecast', () => {
  it('is the one of the same terms and seed by the command, and is kept', async () => {
    const { status, body } = await send(asked, { prefer: 'wait=60' });
    expect([status, body['state'], body['failure']]).toEqual([200, 'done', null]);
    expect(body['terms']).toEqual(terms);
    expect(body['result']).toEqual(JSON.parse(JSON.stringify(forecastOf(terms).summary)));
    const kept = await ask(api.app, 'GET', `/api/v1/forecasts/${textOf(body, 'id')}`, { as: api.one });
    expect(kept.body).toEqual(body);
    const list = await ask(api.app, 'GET', '/api/v1/forecasts', { as: api.one });
    expect(list.body).toMatchObject({ forecasts: [{ id: body['id'] }], next_cursor: null });
    const foreign = await ask(api.app, 'GET', `/api/v1/forecasts/${textOf(body, 'id')}`, { as: api.other });
    expect([foreign.status, foreign.body['type']]).toEqual([404, 'urn:tandas:problem:forecast_not_found']);
  });

  it('is lived one at a time: another one is told to come again, also of another account', async () => {
    const first = await send({ ...asked, contacts: 20_000 }, { prefer: 'respond-async' });
    expect([first.status, first.body['state']]).toEqual([202, 'running']);
    expect(first.headers.get('location')).toBe(`/api/v1/forecasts/${textOf(first.body, 'id')}`);
    const second = await send(asked, {}, api.other);
    expect([second.status, second.body['type'], second.headers.get('retry-after')]).toEqual([
      429,
      'urn:tandas:problem:forecast_busy',
      '10',
    ]);
    await idle();
    const path = `/api/v1/forecasts/${textOf(first.body, 'id')}`;
    expect((await ask(api.app, 'GET', path, { as: api.one })).body).toMatchObject({ state: 'done' });
  });

  it.each([
    [{ contacts: 100_001 }, 400],
    [{ contacts: 0 }, 400],
    [{ lines: 1.5 }, 400],
    [{ days: 121 }, 400],
    [{ start: '2027-02-30' }, 400],
    [{ other: 1 }, 400],
    [{ pack: 'none' }, 422],
    [{ policy: 'none' }, 422],
    [{ zone: 'Marte/Norte' }, 422],
  ])('with %j is refused, and leaves its place to others', async (wrong, status) => {
    expect((await send({ ...asked, ...wrong })).status).toBe(status);
    await idle();
  });

  it('whose process has died has failed, in words', async () => {
    const { body } = await send({ ...asked, contacts: 1 }, { prefer: 'wait=60' });
    const id = textOf(body, 'id');
    await sql`
      update operation.forecast set state = 'running', result = null, ended_at = null,
             created_at = now() - interval '3 minutes' where id = ${id}`.execute(api.world.owner);
    const { body: lost } = await ask(api.app, 'GET', `/api/v1/forecasts/${id}`, { as: api.one });
    expect(lost).toMatchObject({ state: 'failed', failure: { code: 'lost' } });
  });
});

describe('its thread', () => {
  it('ends at its bound of the processor, and of memory', async () => {
    const long = { ...terms, contacts: 100_000 };
    expect(await runForecast(long, { withinMs: 300 })).toEqual({ kind: 'failed', failure: 'too_slow' });
    expect(await runForecast(long, { heapMb: 24 })).toEqual({ kind: 'failed', failure: 'too_large' });
  });

  it('says that it broke for terms that nobody checked', async () => {
    expect(await runForecast({ ...terms, policy: 'none' })).toEqual({ kind: 'failed', failure: 'broken' });
  });
});
