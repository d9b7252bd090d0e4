import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import {
  type BundledDeps,
  createLink,
  providerMs,
  sendLetter,
  type ToolResult,
} from '../domain/messages/bundled-tools.ts';

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
  fault: z.string().optional(),
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
  fault: z.string().optional(),
});

/** The bundled server's tools, for one account. */
export function createToolServer(deps: BundledDeps, accountId: string): McpServer {
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
    async (input) =>
      answer(
        await createLink(
          deps,
          accountId,
          {
            amount: input.amount,
            currency: input.currency,
            title: input.title,
            reference: input.reference,
            expiresAt: input.expires_at,
            idempotencyKey: input.idempotency_key,
          },
          AbortSignal.timeout(providerMs),
        ),
      ),
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
    async (input) =>
      answer(
        await sendLetter(
          deps,
          accountId,
          {
            to: input.to,
            name: input.name,
            creditor: input.creditor,
            amount: input.amount,
            dueDate: input.due_date,
            link: input.link,
            template: input.template,
            language: input.language,
            idempotencyKey: input.idempotency_key,
          },
          AbortSignal.timeout(providerMs),
        ),
      ),
  );
  return server;
}

/** As structure, and as text for clients of older revisions. A refusal is the tool's own no. */
function answer(result: ToolResult): CallToolResult {
  return {
    content: [{ type: 'text', text: JSON.stringify(result) }],
    structuredContent: { ...result },
    ...(result.outcome === 'refused' ? { isError: true } : {}),
  };
}
