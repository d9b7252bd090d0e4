import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import { ping } from '../../domain/shared/queries-account.ts';
import { readFailingChannels } from '../../domain/shared/queries-channel-health.ts';
import { faultWords, isFault } from '../../domain/shared/rules/channel-faults.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { answers } from '../../observability/answers.ts';
import { whatIsMissing } from '../../observability/readiness.ts';
import { json } from '../schemas.ts';
import { healthSchema, liveSchema, type partSchema, readySchema } from './schemas.ts';

const get = createRoute({
  method: 'get',
  path: '/health',
  tags: ['service'],
  summary: 'Does each part that the product stands on answer?',
  responses: {
    200: json(healthSchema, 'All parts answer; `degraded` where a channel of some account fails.'),
    503: json(healthSchema, 'At least one part does not.'),
  },
});

const live = createRoute({
  method: 'get',
  path: '/health/live',
  tags: ['service'],
  summary: 'Does this process answer? It asks nobody else: a restart would not bring a database back',
  responses: { 200: json(liveSchema, 'It does.') },
});

const ready = createRoute({
  method: 'get',
  path: '/health/ready',
  tags: ['service'],
  summary: 'Can this process do its work now: database, its migrations, Temporal?',
  responses: {
    200: json(readySchema, 'It can.'),
    503: json(readySchema, 'It cannot: send it no requests. Says what is missing.'),
  },
});

/** Anybody may ask: the provider, and its rate limit, hear of one question in this time. */
const freshMs = 5_000;

type Part = z.infer<typeof partSchema>;
type Channels = z.infer<typeof healthSchema>['channels'];

export function healthRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const voice = remembered(deps, () => check(() => deps.voice.concurrency()));
  const failing = remembered(deps, () => failingChannels(deps));
  router.openapi(get, async (c) => {
    const [database, temporal, provider, channels] = await Promise.all([
      check(() => ping(deps.app)),
      check(() => deps.temporal.connection.workflowService.getSystemInfo({})),
      voice(),
      failing(),
    ]);
    const parts = { database, temporal, voice: provider };
    const isOk = Object.values(parts).every((part) => part === 'ok');
    if (!isOk) return c.json({ status: 'failing' as const, parts, channels }, 503);
    // One account's wrong token is no reason to take the service of all others away.
    const status = channels.length === 0 ? ('ok' as const) : ('degraded' as const);
    return c.json({ status, parts, channels }, 200);
  });
  router.openapi(live, (c) => c.json({ status: 'live' as const }, 200));
  router.openapi(ready, async (c) => {
    const { app: database, temporal, isServing = () => true } = deps;
    const missing = [...(await whatIsMissing({ database, temporal, isServing }))];
    return missing.length === 0
      ? c.json({ status: 'ready' as const, missing }, 200)
      : c.json({ status: 'not_ready' as const, missing }, 503);
  });
  return router;
}

async function check(ask: () => Promise<unknown>): Promise<Part> {
  return (await answers(ask)) ? 'ok' : 'failing';
}

/** Empty also when the database does not answer: its own part says so. */
async function failingChannels({ app }: Pick<ApiDeps, 'app'>): Promise<Channels> {
  let channels: Channels = [];
  await answers(async () => {
    const rows = await readFailingChannels(app);
    channels = rows.flatMap(({ fault, failures, since, last_at, ...where }) =>
      isFault(fault)
        ? [
            {
              ...where,
              fault,
              failures: Number(failures),
              since: since.toISOString(),
              last_at: last_at.toISOString(),
              ...faultWords[fault],
            },
          ]
        : [],
    );
  });
  return channels;
}

function remembered<T>({ nowMs }: Pick<ApiDeps, 'nowMs'>, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly atMs: number; readonly answer: Promise<T> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs >= freshMs) last = { atMs: nowMs(), answer: ask() };
    return last.answer;
  };
}
