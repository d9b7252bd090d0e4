import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import { sql } from 'kysely';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { json } from '../schemas.ts';
import { healthSchema } from './schemas.ts';

const get = createRoute({
  method: 'get',
  path: '/health',
  tags: ['service'],
  summary: 'Does each part that the product stands on answer?',
  responses: {
    200: json(healthSchema, 'All parts answer.'),
    503: json(healthSchema, 'At least one part does not.'),
  },
});

/** A part that is slower than this is as good as down. */
const patienceMs = 2_000;
/** Anybody may ask: the provider, and its rate limit, hear of one question in this time. */
const freshMs = 5_000;

type Part = z.infer<typeof healthSchema>['status'];

export function healthRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const voice = remembered(deps, () => deps.voice.concurrency());
  router.openapi(get, async (c) => {
    const [database, temporal, provider] = await Promise.all([
      check(() => sql`select 1`.execute(deps.app)),
      check(() => deps.temporal.connection.workflowService.getSystemInfo({})),
      voice(),
    ]);
    const parts = { database, temporal, voice: provider };
    const isOk = Object.values(parts).every((part) => part === 'ok');
    return isOk
      ? c.json({ status: 'ok' as const, parts }, 200)
      : c.json({ status: 'failing' as const, parts }, 503);
  });
  return router;
}

async function check(ask: () => Promise<unknown>): Promise<Part> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Part>((resolve) => {
    timer = setTimeout(() => resolve('failing'), patienceMs);
  });
  // A question that fails after its patience has run out must not be an unhandled rejection.
  const answered = ask().then(
    (): Part => 'ok',
    (): Part => 'failing',
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

function remembered({ nowMs }: Pick<ApiDeps, 'nowMs'>, ask: () => Promise<unknown>): () => Promise<Part> {
  let last: { readonly atMs: number; readonly part: Promise<Part> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs >= freshMs) last = { atMs: nowMs(), part: check(ask) };
    return last.part;
  };
}
