import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { mayDo } from '../../domain/accounts/rules/permissions.ts';
import { maskName } from '../../domain/people/rules/masking.ts';
import { access, notPermitted } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { readHolidays } from '../../domain/policy/queries-holidays.ts';
import { explainContact, explainPlain, explainWho } from '../../domain/explain/explain.ts';
import { presentExplained } from '../../domain/explain/explain-words.ts';
import { asChange } from '../../domain/policy/pack-for.ts';
import { OperationRefused, refuse } from '../../domain/shared/refused.ts';
import { findPack, rulePacks } from '../../domain/policy/rules/packs/index.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import {
  explainedWhoSchema,
  explainQuery,
  explainRequestSchema,
  explainWhoQuery,
  explanationSchema,
} from './schemas.ts';

const tags = ['law'];

const explainOne = createRoute({
  method: 'get',
  path: '/api/v1/contacts/{id}/explain',
  tags,
  summary: 'What this contact waits for, and whether it may be called or written to at this time',
  description:
    'Asks the same rules as the gates of the dial and of messages: if not, why, and when next. Nothing is counted or changed.',
  ...access('explain:read'),
  request: { params: idParams, query: explainQuery },
  responses: {
    200: json(explanationSchema, 'Every rule that forbids it, and the next allowed instant.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.unprocessable,
  },
});

const explainSomebody = createRoute({
  method: 'get',
  path: '/api/v1/explain',
  tags,
  summary: 'The same of every contact of a person, by national id, phone or id',
  ...access('explain:read'),
  request: { query: explainWhoQuery },
  responses: {
    200: json(explainedWhoSchema, 'Up to twenty contacts.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.unprocessable,
  },
});

const explainAnybody = createRoute({
  method: 'post',
  path: '/api/v1/explain',
  tags,
  summary: 'May somebody who lives there be called at this time under a rule pack',
  ...access('explain:read'),
  request: {
    body: { required: true, content: { 'application/json': { schema: explainRequestSchema } } },
  },
  responses: {
    200: json(explanationSchema, 'Every rule that forbids it, and the next allowed instant.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.unprocessable,
  },
});

export function explainRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(explainOne, async (c) => {
    const { id } = c.req.valid('param');
    const { at } = c.req.valid('query');
    const explained = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      explainContact(trx, id, at),
    );
    const shown = presentExplained(explained);
    if (seesPeople(c) || shown.contact === null) return c.json(shown, 200);
    return c.json({ ...shown, contact: { ...shown.contact, name: maskName(shown.contact.name) } }, 200);
  });
  router.openapi(explainSomebody, async (c) => {
    const { who, at } = c.req.valid('query');
    // Who may see nobody's number must not find out either whether somebody's is there.
    if (!seesPeople(c)) throw notPermitted('personal_data:read');
    const { contacts, more } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      explainWho(trx, who, at),
    );
    return c.json({ contacts: contacts.map(presentExplained), more }, 200);
  });
  router.openapi(explainAnybody, async (c) => {
    const { pack: key, country, region, zone, at } = c.req.valid('json');
    const pack = findPack(key);
    if (pack === undefined) throw unknownPack(key);
    const changes = await inAccount(deps.app, c.get('caller').accountId, (trx) => readHolidays(trx));
    const holidayChanges = changes.map(asChange);
    const explained = explainPlain({ pack, country, region, zone, at, nowMs: deps.nowMs(), holidayChanges });
    return c.json(presentExplained(explained), 200);
  });
  return router;
}

function seesPeople(c: Context<ApiEnv>): boolean {
  return mayDo(c.get('caller').holder, 'personal_data:read');
}

function unknownPack(key: string): OperationRefused {
  const known = rulePacks.map((pack) => pack.key).join(', ');
  return refuse('pack_unknown', { key, known }, { field: 'pack' });
}
