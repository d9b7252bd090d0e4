import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount, type Trx } from '../../db/client.ts';
import {
  type AgreementListRow,
  instalmentsOfAll,
  listAgreements,
  readAgreement,
} from '../../domain/negotiation/queries-read.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { presentMoney } from '../money.ts';
import { byId, pageOf } from '../page.ts';
import { createRouter } from '../router.ts';
import {
  idParams,
  idSchema,
  instantSchema,
  json,
  moneySchema,
  nextCursorSchema,
  pageQuery,
  problems,
} from '../schemas.ts';

const tags = ['agreements'];
const stateSchema = z.enum(['open', 'kept', 'partly_paid', 'broken', 'replaced', 'withdrawn']);

export const agreementSchema = z
  .object({
    id: idSchema,
    batch_id: idSchema,
    contact_id: idSchema,
    person_id: idSchema,
    attempt_id: idSchema.nullable().openapi({ description: 'The call in which it was made.' }),
    kind: z.enum(['promise', 'plan']),
    state: stateSchema,
    total: moneySchema,
    discount: moneySchema.openapi({ description: 'What is forgiven once all of it has been paid.' }),
    instalments: z.array(z.object({ number: z.int(), due_date: z.iso.date(), amount: moneySchema })),
    source: z.enum(['call', 'analysis', 'operator']),
    made_at: instantSchema,
    resolved_at: instantSchema.nullable(),
  })
  .openapi('Agreement');

const list = createRoute({
  method: 'get',
  path: '/api/v1/agreements',
  tags,
  summary: 'Promises and plans of instalments, the newest first',
  ...access('agreements:read'),
  request: {
    query: pageQuery.extend({
      contact_id: idSchema.optional(),
      person_id: idSchema.optional(),
      state: stateSchema.optional(),
    }),
  },
  responses: {
    200: json(
      z
        .object({ agreements: z.array(agreementSchema), next_cursor: nextCursorSchema })
        .openapi('AgreementPage'),
      'One page.',
    ),
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/agreements/{id}',
  tags,
  summary: 'A promise, or a plan of instalments',
  ...access('agreements:read'),
  request: { params: idParams },
  responses: {
    200: json(agreementSchema, 'The agreement.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function agreementRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(list, async (c) => {
    const { cursor, limit, contact_id: contactId, person_id: personId, state } = c.req.valid('query');
    const page = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      const wanted = { contactId, personId, state, after: cursor };
      const { shown, next_cursor } = await pageOf(
        limit,
        (most) => listAgreements(trx, { ...wanted, limit: most }),
        byId,
      );
      return { agreements: await presentAgreements(trx, shown), next_cursor };
    });
    return c.json(page, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const [agreement] = await inAccount(deps.app, c.get('caller').accountId, async (trx) => {
      const row = await readAgreement(trx, id);
      return row === undefined ? [] : presentAgreements(trx, [row]);
    });
    if (agreement === undefined) throw refuse('agreement_not_found');
    return c.json(agreement, 200);
  });
  return router;
}

export async function presentAgreements(
  trx: Trx,
  rows: readonly AgreementListRow[],
): Promise<z.infer<typeof agreementSchema>[]> {
  const instalments = await instalmentsOfAll(
    trx,
    rows.map(({ id }) => id),
  );
  const ofAgreement = Map.groupBy(instalments, (one) => one.agreement_id);
  return rows.map((row) => {
    const { total_micros: total, discount_micros: discount, currency, made_at, resolved_at, ...rest } = row;
    return {
      ...rest,
      total: presentMoney(total, currency),
      discount: presentMoney(discount, currency),
      instalments: (ofAgreement.get(row.id) ?? []).map(({ number, due_date, amount_micros: micros }) => ({
        number,
        due_date,
        amount: presentMoney(micros, currency),
      })),
      made_at: made_at.toISOString(),
      resolved_at: resolved_at?.toISOString() ?? null,
    };
  });
}
