import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { storeRaw } from '../../domain/shared/queries-raw.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { openSecret } from '../../domain/accounts/channels.ts';
import {
  inboundSecretName,
  isSignedInbound,
  receivePayment,
  receiveRemoval,
  receiveReversal,
  receiveStop,
  receiveWish,
} from '../../domain/integrations/inbound.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { fieldErrors } from '../field-errors.ts';
import { parseMicros } from '../money.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idSchema, json, problems } from '../schemas.ts';
import { accountOfPath } from './account-of-path.ts';
import { type InboundEvent, inboundSchema } from './inbound-schemas.ts';

const answerSchema = z
  .looseObject({
    received: z.literal(true),
    duplicate: z.boolean().openapi({ description: 'The same webhook-id had come before: nothing changed.' }),
  })
  .openapi('InboundAnswer');

const receive = createRoute({
  method: 'post',
  path: '/api/v1/webhooks/inbound/{account}',
  tags: ['webhooks'],
  summary: "What an account's own systems tell us: payments, removals, stops, reschedules",
  description:
    'Signed as Standard Webhooks asks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) with the secret ' +
    '`inbound_webhook` of the account. The same id is taken once.',
  request: {
    params: z.object({ account: idSchema }),
    // A plain schema: a zod one would parse the body before its signature has been looked at.
    body: { required: true, content: { 'application/json': { schema: { type: 'object' as const } } } },
  },
  responses: {
    200: json(answerSchema, 'Taken, or taken before. A wish that is refused says why, and what would do.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
    ...problems.unprocessable,
  },
});

const maxBodyCharacters = 64 * 1024;

export function inboundRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(receive, async (c) => {
    const accountId = await accountOfPath(deps.app, c.req.valid('param').account);
    const rawBody = await c.req.text();
    if (rawBody.length > maxBodyCharacters) throw problem('body_too_large');
    const id = c.req.header('webhook-id') ?? '';
    const answer = await inAccount(deps.app, accountId, async (trx) => {
      const secret = await openSecret(trx, deps.secrets ?? noSecretBox, accountId, inboundSecretName);
      const headers = {
        id,
        timestamp: c.req.header('webhook-timestamp') ?? '',
        signature: c.req.header('webhook-signature') ?? '',
      };
      if (secret === undefined || id === '' || !isSignedInbound(secret, rawBody, headers)) {
        deps.logger.warn({ accountId, webhookId: id }, 'inbound webhook refused');
        throw problem('webhook_forged');
      }
      const event = parseEvent(rawBody);
      if (
        !(await storeRaw(trx, {
          accountId,
          provider: 'inbound',
          dedupeKey: id,
          event: event.type,
          subject: '',
          body: event,
        }))
      )
        return { duplicate: true };
      // Thrown refusals take the claim on the id along: a corrected sender may send it again.
      return { duplicate: false, ...(await take(trx, accountId, event)) };
    });
    return c.json({ received: true as const, ...answer }, 200);
  });
  return router;
}

async function take(
  trx: Trx,
  accountId: string,
  event: InboundEvent,
): Promise<Readonly<Record<string, unknown>>> {
  switch (event.type) {
    case 'payment.received': {
      const { external_id: externalId, national_id, reference, amount, currency, paid_at } = event.data;
      const recorded = await receivePayment(trx, accountId, 'webhook', {
        externalId,
        nationalId: national_id ?? null,
        reference: reference ?? null,
        amountMicros: microsOf(amount),
        currency: currency ?? null,
        paidAt: paid_at === undefined ? null : new Date(paid_at),
      });
      return { payment_id: recorded.paymentId, settled: recorded.settled };
    }
    case 'payment.reversed': {
      const { external_id: externalId, reversal_id, amount } = event.data;
      const reversed = await receiveReversal(trx, accountId, 'webhook', {
        externalId,
        reversalId: reversal_id ?? null,
        amountMicros: amount === undefined ? null : microsOf(amount),
      });
      return { payment_id: reversed.paymentId, settled: reversed.settled };
    }
    case 'reschedule.requested': {
      const { contact_id, national_id, requested_by: requestedBy, at, day, time, text } = event.data;
      const answer = await receiveWish(trx, accountId, {
        contactId: contact_id ?? null,
        nationalId: national_id ?? null,
        wish: {
          at: at ?? undefined,
          day: day ?? undefined,
          time: time ?? undefined,
          text: text ?? undefined,
        },
        requestedBy,
      });
      const said = { request_id: answer.requestId, say: answer.say.es, say_en: answer.say.en };
      return answer.ok
        ? { ...said, ok: true, at: new Date(answer.slot.opensAtMs).toISOString() }
        : { ...said, ok: false, rule: answer.rule, nearest: { before: answer.before, after: answer.after } };
    }
    case 'do_not_contact.requested': {
      const { national_id, phone } = event.data;
      const said = { nationalId: national_id ?? null, phone: phone ?? null };
      return { changed: await receiveRemoval(trx, accountId, 'api', said) };
    }
    case 'person.stopped': {
      const { national_id: nationalId, reason } = event.data;
      await receiveStop(trx, accountId, { nationalId, reason });
      return {};
    }
    default: {
      const unreachable: never = event;
      return unreachable;
    }
  }
}

function microsOf(amount: string): bigint {
  const micros = parseMicros(amount);
  if (micros !== undefined) return micros;
  throw problem('amount_invalid', {}, { field: 'amount' });
}

function parseEvent(rawBody: string): InboundEvent {
  let body: unknown;
  try {
    body = JSON.parse(rawBody);
  } catch {
    throw problem('webhook_malformed');
  }
  const parsed = inboundSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw problem('event_invalid', {}, { errors: fieldErrors(parsed.error.issues, body) });
}
