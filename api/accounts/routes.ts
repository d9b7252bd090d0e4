import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { readAccount, topUpAccount } from '../../domain/billing/top-up.ts';
import { isAdministrator } from '../../domain/accounts/rules/permissions.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { chooseRulePack } from '../../domain/policy/rule-packs.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { parseMicros } from '../money.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, problems, textSchema } from '../schemas.ts';
import { presentAccount, presentSuspension } from './present.ts';
import {
  accountSchema,
  ownAccountSchema,
  packChoiceSchema,
  packChosenSchema,
  topUpSchema,
} from './schemas.ts';

const getAccount = createRoute({
  method: 'get',
  path: '/api/v1/accounts/{id}',
  tags: ['accounts'],
  summary: 'An account with its balances',
  ...access('account:read'),
  request: { params: idParams },
  responses: {
    200: json(accountSchema, 'The account.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const getOwn = createRoute({
  method: 'get',
  path: '/api/v1/account',
  tags: ['accounts'],
  summary: 'The account of the key, with its balances',
  ...access('account:read'),
  responses: { 200: json(ownAccountSchema, 'The account.'), ...problems.unauthorised },
});

const createTopUp = createRoute({
  method: 'post',
  path: '/api/v1/accounts/{id}/top-ups',
  tags: ['accounts'],
  summary: 'Credit an account (administrator)',
  description:
    'Contacts that wait suspended for credit go on by themselves. An administrator may credit any account.',
  ...access('balance:write'),
  request: {
    params: idParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: topUpSchema } } },
  },
  responses: {
    200: json(accountSchema, 'The reference had been booked before: nothing moved.'),
    201: json(accountSchema, 'The account with its new balances.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});

const choosePack = createRoute({
  method: 'put',
  path: '/api/v1/accounts/{id}/rule-packs/{key}',
  tags: ['accounts'],
  summary: 'Choose a rule pack for an account, with its sign-off where it needs one (administrator)',
  description: 'New batches may name it. Batches that run keep the pack and version they were made with.',
  ...access('rule_packs:write'),
  request: {
    params: idParams.extend({ key: textSchema(60).openapi({ example: 'cl-collection-waves' }) }),
    body: { required: true, content: { 'application/json': { schema: packChoiceSchema } } },
  },
  responses: {
    200: json(packChosenSchema, 'It is chosen.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.forbidden,
    ...problems.notFound,
    ...problems.unprocessable,
  },
});

export function accountRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(getAccount, async (c) => {
    const { id } = c.req.valid('param');
    const { accountId, holder } = c.get('caller');
    if (id !== accountId && !isAdministrator(holder)) throw refuse('account_not_found');
    return c.json(presentAccount(await inAccount(deps.app, id, (trx) => readAccount(trx, id))), 200);
  });
  router.openapi(getOwn, async (c) => {
    const { accountId } = c.get('caller');
    const account = await inAccount(deps.app, accountId, (trx) => readAccount(trx, accountId));
    return c.json(
      {
        ...presentAccount(account),
        debt_currency: account.debtCurrency,
        suspended: presentSuspension(account),
      },
      200,
    );
  });
  router.openapi(createTopUp, async (c) => {
    const { id } = c.req.valid('param');
    const { amount, unit, reference } = c.req.valid('json');
    const amountMicros = parseMicros(amount);
    if (amountMicros === undefined) throw new Error('the schema let an amount through that is none');
    const { method, path } = c.req;
    const request = {
      accountId: id,
      key: c.req.valid('header')['idempotency-key'],
      method,
      path,
      content: { amountMicros: amountMicros.toString(), unit, reference },
    };
    const { actor } = c.get('caller');
    // Before the key is claimed: its row points at the account.
    await inAccount(deps.app, id, (trx) => readAccount(trx, id));
    const answer = await keyed(deps, request, async (trx) => {
      const { isNew } = await topUpAccount(trx, { accountId: id, amountMicros, unit, reference, actor });
      return { status: isNew ? 201 : 200, body: presentAccount(await readAccount(trx, id)) };
    });
    return c.json(accountSchema.parse(answer.body), answer.status === 201 ? 201 : 200);
  });
  router.openapi(choosePack, async (c) => {
    const { id, key } = c.req.valid('param');
    const { signed_off_by: signedOffBy = null } = c.req.valid('json');
    const { actor } = c.get('caller');
    const signed = await inAccount(deps.app, id, async (trx) => {
      await readAccount(trx, id);
      return chooseRulePack(trx, { accountId: id, key, signedOffBy, actor });
    });
    return c.json({ pack: key, signed_off_by: signed }, 200);
  });
  return router;
}
