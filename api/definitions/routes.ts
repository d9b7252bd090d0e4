import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { listPacks, listPolicies, readPack, readPolicy } from '../../domain/policy/queries-read.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { instantSchema, json, problems, versionParams } from '../schemas.ts';

const tags = ['rules'];

const definition = z
  .record(z.string(), z.unknown())
  .openapi({ description: 'As it is stored. A version never changes.' });

const policyFields = { key: z.string(), version: z.int(), created_at: instantSchema };
const policyListSchema = z.object({ policies: z.array(z.object(policyFields)) }).openapi('PolicyList');
const policySchema = z.object({ ...policyFields, definition }).openapi('Policy');

const packFields = {
  ...policyFields,
  source: z.string().openapi({ description: 'The law that it reads.' }),
  confidence: z.enum(['high', 'medium', 'low', 'none']),
  chosen: z.boolean().openapi({ description: 'The account has chosen it: a batch may name it.' }),
  signed_off_by: z.string().nullable(),
  signed_off_at: instantSchema.nullable(),
};
const packListSchema = z.object({ packs: z.array(z.object(packFields)) }).openapi('RulePackList');
const packSchema = z.object({ ...packFields, definition }).openapi('RulePack');

const found = { ...problems.badRequest, ...problems.unauthorised, ...problems.notFound };

const policies = createRoute({
  method: 'get',
  path: '/api/v1/policies',
  tags,
  summary: 'Policies that a batch may name: when people are called, and how often',
  ...access('batches:read'),
  responses: {
    200: json(policyListSchema, 'Every version, the newest of each key first: a batch begins with that one.'),
    ...problems.unauthorised,
  },
});

const policy = createRoute({
  method: 'get',
  path: '/api/v1/policies/{key}/{version}',
  tags,
  summary: 'One version of a policy, as data',
  ...access('batches:read'),
  request: { params: versionParams },
  responses: { 200: json(policySchema, 'The policy.'), ...found },
});

const packs = createRoute({
  method: 'get',
  path: '/api/v1/rule-packs',
  tags,
  summary: 'Rule packs, and which of them the account has chosen',
  ...access('batches:read'),
  responses: {
    200: json(packListSchema, 'Every version, the newest of each key first.'),
    ...problems.unauthorised,
  },
});

const pack = createRoute({
  method: 'get',
  path: '/api/v1/rule-packs/{key}/{version}',
  tags,
  summary: 'One version of a rule pack, as data',
  ...access('batches:read'),
  request: { params: versionParams },
  responses: { 200: json(packSchema, 'The pack.'), ...found },
});

export function definitionRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(policies, async (c) => {
    const rows = await inAccount(deps.app, c.get('caller').accountId, listPolicies);
    return c.json({ policies: rows.map(dated) }, 200);
  });
  router.openapi(policy, async (c) => {
    const { key, version } = c.req.valid('param');
    const row = await inAccount(deps.app, c.get('caller').accountId, (trx) => readPolicy(trx, key, version));
    if (row === undefined) throw refuse('definition_not_found');
    return c.json(dated(row), 200);
  });
  router.openapi(packs, async (c) => {
    const rows = await inAccount(deps.app, c.get('caller').accountId, listPacks);
    return c.json({ packs: rows.map(signed) }, 200);
  });
  router.openapi(pack, async (c) => {
    const { key, version } = c.req.valid('param');
    const row = await inAccount(deps.app, c.get('caller').accountId, (trx) => readPack(trx, key, version));
    if (row === undefined) throw refuse('definition_not_found');
    return c.json(signed(row), 200);
  });
  return router;
}

function dated<T extends { readonly created_at: Date }>(row: T) {
  return { ...row, created_at: row.created_at.toISOString() };
}

function signed<T extends { readonly created_at: Date; readonly signed_off_at: Date | null }>(row: T) {
  return { ...dated(row), signed_off_at: row.signed_off_at?.toISOString() ?? null };
}
