import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { storeRaw } from '../../domain/shared/queries-raw.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { unstorable } from '../../domain/shared/rules/storable.ts';
import { inboundSecretName, openSecret } from '../../domain/accounts/channels.ts';
import {
  isSignedInbound,
  receivePayment,
  receiveRemoval,
  receiveReversal,
  receiveStop,
  receiveWish,
} from '../../domain/integrations/inbound.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { boundedBody } from '../body-bound.ts';
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
    ...problems.tooLarge,
    ...problems.unprocessable,
  },
});

const maxBodyBytes = 64 * 1024;
/** Ours are ids and instants; a sender that rotates its secret sends two signatures. */
const headerBounds = [
  ['webhook-id', 'id', 200],
  ['webhook-timestamp', 'timestamp', 20],
  ['webhook-signature', 'signature', 2_000],
] as const;

export function inboundRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.use(receive.getRoutingPath(), boundedBody(maxBodyBytes));
  router.openapi(receive, async (c) => {
    // Before anything is looked up: what carries no signature costs nothing.
    const headers = readHeaders(c);
    const { id } = headers;
    const accountId = await accountOfPath(deps.app, c.req.valid('param').account);
    const rawBody = await c.req.text();
    const answer = await inAccount(deps.app, accountId, async (trx) => {
      const secret = await openSecret(trx, deps.secrets ?? noSecretBox, accountId, inboundSecretName, {
        purpose: 'inbound_webhook',
      });
      if (secret === undefined || !isSignedInbound(secret, rawBody, headers)) {
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
      const phones = phone === undefined ? [] : [{ field: 'phone', text: phone }];
      const said = { nationalId: national_id ?? null, phones };
      const { changed, unread } = await receiveRemoval(trx, accountId, 'api', said);
      // What could be read holds; the sender learns of the rest.
      const notRead = unread.map(({ es, message, errors }) => ({
        field: errors[0]?.field ?? '',
        detail: message,
        detail_es: es,
      }));
      return notRead.length === 0 ? { changed } : { changed, not_read: notRead };
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

interface SignedHeaders {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

/** The headers of the signature. Throws for a request without them, and for one that no sender of ours has. */
function readHeaders(c: Context<ApiEnv>): SignedHeaders {
  const read = { id: '', timestamp: '', signature: '' };
  for (const [header, name, longest] of headerBounds) {
    const value = c.req.header(header) ?? '';
    if (value.length > longest || !/^[\x20-\x7e]*$/.test(value)) {
      throw problem('header_invalid', { longest }, { field: `header.${header}` });
    }
    read[name] = value;
  }
  if (read.id === '' || read.timestamp === '' || read.signature === '') throw problem('webhook_forged');
  return read;
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
  const found = unstorable(body);
  if (found !== undefined) {
    throw problem(found.fault === 'depth' ? 'too_deep' : 'unstorable_text', {}, { field: found.field });
  }
  const parsed = inboundSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw problem('event_invalid', {}, { errors: fieldErrors(parsed.error.issues, body) });
}
