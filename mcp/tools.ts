import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { makePaymentLink, type PaymentLinkDeps } from '../domain/payments/links.ts';
import { type SendDeps, sendLink } from './send-link.ts';

export type ToolDeps = PaymentLinkDeps & SendDeps;

/** Shorter than our own client waits: whoever asks should hear what became of it. */
const providerMs = 8_000;

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u, 'must be one line');

const createInput = z
  .object({
    amount: z
      .union([z.number().positive(), z.string().regex(/^\d{1,12}(\.\d{1,6})?$/)])
      .describe('In units of the currency: 123450 or "123450".'),
    currency: z.string().regex(/^[A-Z]{3}$/),
    title: line(200).describe('What the person reads on the payment page.'),
    reference: line(150).describe('Comes back with the payment.'),
    expires_at: z.iso.datetime({ offset: true }),
    idempotency_key: line(150).describe('The same key again gives the same link.'),
  })
  .strict();

const createOutput = z.object({
  outcome: z.enum(['made', 'refused', 'unknown']),
  link_id: z.string().optional(),
  url: z.string().optional(),
  suffix: z.string().optional(),
  detail: z.string().optional(),
});

const sendInput = z
  .object({
    to: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/)
      .describe('E.164.'),
    name: line(60),
    creditor: line(80),
    amount: line(40).describe('As the person reads it: "$123.450".'),
    due_date: line(40).describe('As the person reads it: "12 de marzo".'),
    link: line(300).describe('The short link, or the part behind its domain.'),
    template: line(100).optional(),
    language: line(10).optional(),
    idempotency_key: z.uuid().describe('Id of a message that passed the message gate; it is sent once.'),
  })
  .strict();

const sendOutput = z.object({
  outcome: z.enum(['sent', 'refused', 'unknown']),
  provider_message_id: z.string().optional(),
  code: z.string().optional(),
  class: z.string().optional(),
  detail: z.string().optional(),
});

/** The bundled server's tools, for one account. */
export function createToolServer(deps: ToolDeps, accountId: string): McpServer {
  const server = new McpServer(
    { name: 'tandas-payment-links', version: '0.3.0' },
    {
      instructions:
        'Payment links and the messages that carry them. Every call is done once per idempotency_key.',
    },
  );
  server.registerTool(
    'create_payment_link',
    {
      title: 'Create a payment link',
      description:
        'A link by which one amount can be paid until an instant, behind a short address that counts clicks.',
      inputSchema: createInput,
      outputSchema: createOutput,
      annotations: { idempotentHint: true, destructiveHint: false, openWorldHint: true },
    },
    async (input) => {
      const amountMicros = toMicros(input.amount);
      if (amountMicros === undefined)
        return answer({ outcome: 'refused', detail: 'amount: is not above zero' });
      const made = await makePaymentLink(
        deps,
        {
          accountId,
          amountMicros,
          currency: input.currency,
          title: input.title,
          reference: input.reference,
          expiresAtMs: Date.parse(input.expires_at),
          idempotencyKey: input.idempotency_key,
        },
        AbortSignal.timeout(providerMs),
      );
      if (made.kind !== 'made') return answer({ outcome: made.kind, detail: made.detail });
      const { id, url, suffix } = made.link;
      return answer({ outcome: 'made', link_id: id, url, suffix });
    },
  );
  server.registerTool(
    'send_payment_link',
    {
      title: 'Send a payment link by WhatsApp',
      description:
        'Sends the approved template with the link to one person. Only messages that passed the gate (hours, limits, ' +
        'do-not-contact) are sent, each once.',
      inputSchema: sendInput,
      outputSchema: sendOutput,
      annotations: { idempotentHint: true, destructiveHint: false, openWorldHint: true },
    },
    async (input) => {
      const message = {
        messageId: input.idempotency_key,
        to: input.to,
        suffix: suffixOf(input.link),
        bodyValues: [input.name, input.creditor, input.amount, input.due_date],
        template: input.template,
        language: input.language,
      };
      return answer(await sendLink(deps, accountId, message, AbortSignal.timeout(providerMs)));
    },
  );
  return server;
}

/** As structure, and as text for clients of older revisions. A refusal is the tool's own no. */
function answer(result: { readonly outcome: string } & Readonly<Record<string, unknown>>): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(result) }],
    structuredContent: { ...result },
    ...(result.outcome === 'refused' ? { isError: true } : {}),
  };
}

function toMicros(amount: number | string): bigint | undefined {
  const [, units = '', decimals = ''] = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(String(amount)) ?? [];
  if (units === '') return undefined;
  const micros = BigInt(units) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
  return micros > 0n ? micros : undefined;
}

function suffixOf(link: string): string {
  return URL.canParse(link) ? new URL(link).pathname.replace(/^\//, '') : link;
}
