import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { type ErasedPerson, erasePerson } from '../../domain/privacy/erase.ts';
import { eraseByRequest } from '../../domain/privacy/requests.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import {
  idempotencyHeader,
  idParams,
  idSchema,
  instantSchema,
  json,
  maybe,
  problems,
  textSchema,
} from '../schemas.ts';

const erasureSchema = z
  .object({
    reason: textSchema(500).openapi({ example: 'Pidió por carta la supresión de sus datos' }),
    privacy_request_id: maybe(idSchema).openapi({
      description: 'The request for deletion that asks for it. It is answered as granted, with the reason.',
    }),
  })
  .strict()
  .openapi('PersonErasure');

const erasedSchema = z
  .object({
    erased_at: instantSchema,
    changed: z.boolean().openapi({ description: 'False: erased before.' }),
    provider_calls: z.array(z.string()).openapi({
      description:
        'Calls that the voice provider has, at most 1,000: their recordings are removed there. Empty when erased before.',
    }),
    others_of_numbers: z.array(idSchema).openapi({
      description: 'People who have one of the numbers, at most 100: it stays with them.',
    }),
  })
  .openapi('ErasedPerson');

const erase = createRoute({
  method: 'post',
  path: '/api/v1/people/{id}/erase',
  tags: ['privacy'],
  summary: 'Erase a person: everything that tells of them, for good',
  description:
    'Names, ids, numbers, addresses, texts of calls and messages, raw events, rows of files, notes. What stays is the register of contacts without whom, the ledger, and hashes that refuse the person when a file brings them again. Their open contacts close with `removed`. Refused while a call or message is under way.',
  ...access('privacy:write'),
  request: {
    params: idParams,
    headers: idempotencyHeader,
    body: { required: true, content: { 'application/json': { schema: erasureSchema } } },
  },
  responses: {
    200: json(erasedSchema, 'Erased, or erased before.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

export function addErasure(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const box = deps.secrets ?? noSecretBox;
  router.openapi(erase, async (c) => {
    const caller = callerOf(c);
    const { accountId } = caller;
    const { id: personId } = c.req.valid('param');
    const content = c.req.valid('json');
    const { method, path } = c.req;
    const key = c.req.valid('header')['idempotency-key'];
    const answer = await keyed(deps, { accountId, key, method, path, content }, async (trx) => {
      const { reason, privacy_request_id: requestId } = content;
      const erased =
        requestId === undefined
          ? await erasePerson(trx, box, caller, { personId, reason })
          : await eraseByRequest(trx, box, caller, { personId, reason, requestId });
      return { status: 200, body: present(erased) };
    });
    return c.json(erasedSchema.parse(answer.body), 200);
  });
}

function present(erased: ErasedPerson): z.infer<typeof erasedSchema> {
  return {
    erased_at: erased.at.toISOString(),
    changed: erased.isNew,
    provider_calls: [...erased.providerCalls],
    others_of_numbers: [...erased.othersOfNumbers],
  };
}
