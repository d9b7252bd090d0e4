import { setTimeout as sleep } from 'node:timers/promises';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { DateTime } from 'luxon';
import { inAccount } from '../../db/client.ts';
import { type ForecastTerms, zonesOfTerms } from '../../domain/forecast/plan.ts';
import { normaliseZone } from '../../domain/people/rules/place.ts';
import { rulePacks } from '../../domain/policy/rules/packs/index.ts';
import { policies } from '../../domain/policy/rules/policy.ts';
import {
  endForecast,
  type ForecastRow,
  insertForecast,
  listForecasts,
  readForecast,
} from '../../domain/rehearsal/queries-forecasts.ts';
import type { Bilingual } from '../../domain/shared/rules/bilingual.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { preferHeader, waitMsOf } from '../prefer.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idParams, json, pageQuery, problems } from '../schemas.ts';
import { type ForecastFailure, runForecast } from './run-forecast.ts';
import {
  forecastPageSchema,
  forecastSchema,
  newForecastSchema,
  resultSchema,
  termsSchema,
} from './schemas.ts';

const tags = ['forecasts'];

const create = createRoute({
  method: 'post',
  path: '/api/v1/forecasts',
  tags,
  summary:
    'When a batch of so many people would be done, and what it would cost, by the contact’s own decisions',
  description:
    'Nobody is called; people are invented. One at a time in a process, and half a minute of it at most.',
  ...access('rehearsals:write'),
  request: {
    headers: preferHeader,
    body: { required: true, content: { 'application/json': { schema: newForecastSchema } } },
  },
  responses: {
    200: json(forecastSchema, 'It is done, or has failed.'),
    202: json(forecastSchema, 'It is being lived; `Location` has its address.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.unprocessable,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/forecasts',
  tags,
  summary: 'Forecasts, the newest first',
  ...access('rehearsals:read'),
  request: { query: pageQuery },
  responses: { 200: json(forecastPageSchema, 'A page.'), ...problems.badRequest, ...problems.unauthorised },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/forecasts/{id}',
  tags,
  summary: 'A forecast: its terms, and its figures once it is done',
  ...access('rehearsals:read'),
  request: { params: idParams },
  responses: {
    200: json(forecastSchema, 'The forecast.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function forecastRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  let running = false;
  /** Lives it to its end, whoever waits for it, and writes the end down. */
  const live = async (accountId: string, id: string, terms: ForecastTerms): Promise<void> => {
    try {
      const ended = await runForecast(terms);
      const end =
        ended.kind === 'done' ? { result: resultSchema.parse(ended.result) } : { failure: ended.failure };
      await inAccount(deps.app, accountId, (trx) => endForecast(trx, id, end));
    } finally {
      running = false;
    }
  };
  router.openapi(create, async (c) => {
    const caller = callerOf(c);
    const { accountId, actor } = caller;
    const terms = termsOf(c.req.valid('json'), deps.nowMs());
    if (running) throw problem('forecast_busy', {}, { headers: { 'retry-after': '10' } });
    running = true;
    const id = await inAccount(deps.app, accountId, (trx) =>
      insertForecast(trx, { accountId, actor, terms }),
    ).catch((error: unknown) => {
      running = false;
      throw error;
    });
    const lived = live(accountId, id, terms).catch((error: unknown) =>
      deps.logger.error({ err: error, forecastId: id }, 'the end of a forecast was not written'),
    );
    await Promise.race([lived, sleep(waitMsOf(c.req.valid('header').prefer), undefined, { ref: false })]);
    const answer = await readOne(deps, accountId, id);
    if (answer.state !== 'running') return c.json(answer, 200);
    c.header('location', `/api/v1/forecasts/${id}`);
    c.header('retry-after', '1');
    return c.json(answer, 202);
  });
  router.openapi(list, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, callerOf(c).accountId, (trx) =>
      pageOf(limit, (most) => listForecasts(trx, { after: cursor, limit: most }), byId),
    );
    return c.json({ forecasts: shown.map(present), next_cursor }, 200);
  });
  router.openapi(get, async (c) =>
    c.json(await readOne(deps, callerOf(c).accountId, c.req.valid('param').id), 200),
  );
  return router;
}

function termsOf(asked: z.output<typeof newForecastSchema>, nowMs: number): ForecastTerms {
  const { policy, pack, zone = null } = asked;
  if (policies.every(({ key }) => key !== policy))
    throw problem('policy_unknown', { key: policy }, { field: 'policy' });
  if (zone !== null && !normaliseZone(zone).ok) throw problem('zone_invalid', { zone }, { field: 'zone' });
  const zones = zonesOfTerms({ pack, zone });
  if (zones === undefined) {
    const known = rulePacks.map(({ key }) => key).join(', ');
    throw problem('pack_unknown', { key: pack, known }, { field: 'pack' });
  }
  const tomorrow = DateTime.fromMillis(nowMs, { zone: zones[0] }).plus({ days: 1 });
  return {
    contacts: asked.contacts,
    lines: asked.lines,
    policy,
    pack,
    group: asked.group ?? null,
    days: asked.days,
    start: asked.start ?? tomorrow.toFormat('yyyy-MM-dd'),
    zone,
    usdPerMinute: asked.usd_per_minute,
    seed: asked.seed,
  };
}

async function readOne(
  { app }: ApiDeps,
  accountId: string,
  id: string,
): Promise<z.infer<typeof forecastSchema>> {
  const row = await inAccount(app, accountId, (trx) => readForecast(trx, id));
  if (row === undefined) throw problem('forecast_not_found');
  return present(row);
}

function present(row: ForecastRow): z.infer<typeof forecastSchema> {
  const code = failureOf(row.failure);
  return {
    id: row.id,
    state: row.state,
    terms: termsSchema.parse(row.terms),
    result: row.result === null ? null : resultSchema.parse(row.result).summary,
    failure: code === undefined ? null : { code, ...failures[code] },
    created_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

type Failure = ForecastFailure | 'lost';

const failures: Readonly<Record<Failure, Bilingual>> = {
  too_slow: {
    es: 'El pronóstico necesita más de medio minuto: pida menos personas o menos días.',
    en: 'The forecast needs more than half a minute: ask for fewer people or days.',
  },
  too_large: {
    es: 'El pronóstico necesita más memoria de la que se le da: pida menos personas.',
    en: 'The forecast needs more memory than it is given: ask for fewer people.',
  },
  broken: { es: 'El pronóstico falló.', en: 'The forecast failed.' },
  lost: {
    es: 'El servidor se detuvo mientras lo hacía: pídalo de nuevo.',
    en: 'The server stopped while it was lived: ask for it again.',
  },
};

function failureOf(text: string | null): Failure | undefined {
  if (text === null) return undefined;
  return text === 'too_slow' || text === 'too_large' || text === 'lost' ? text : 'broken';
}
