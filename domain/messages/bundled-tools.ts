import { makePaymentLink, type PaymentLinkDeps } from '../payments/links.ts';
import type { ChannelFault } from '../shared/rules/channel-faults.ts';
import type { ToolAnswer } from '../tools/mcp-client.ts';
import type { BundledTools } from '../tools/tools.ts';
import { type LinkMessage, type SendDeps, sendLink } from './send-link.ts';

export type BundledDeps = PaymentLinkDeps & SendDeps;

/** Shorter than whoever asks waits: they should hear what became of it. */
export const providerMs = 8_000;

/** What a bundled tool answers; JSON-plain. `refused` is the tool's own no. */
export type ToolResult = { readonly outcome: string } & Readonly<Record<string, unknown>>;

export interface LinkOrder {
  /** In units of the currency, with up to six decimals. */
  readonly amount: number | string;
  readonly currency: string;
  readonly title: string;
  readonly reference: string;
  /** ISO 8601, with an offset. */
  readonly expiresAt: string;
  readonly idempotencyKey: string;
}

/** The tool `create_payment_link`. */
export async function createLink(
  deps: BundledDeps,
  accountId: string,
  order: LinkOrder,
  signal: AbortSignal,
): Promise<ToolResult> {
  const amountMicros = toMicros(order.amount);
  if (amountMicros === undefined) return { outcome: 'refused', detail: 'amount: is not above zero' };
  const { currency, title, reference, expiresAt, idempotencyKey } = order;
  const expiresAtMs = Date.parse(expiresAt);
  const wanted = { accountId, amountMicros, currency, title, reference, expiresAtMs, idempotencyKey };
  const made = await makePaymentLink(deps, wanted, signal);
  if (made.kind !== 'made') return { outcome: made.kind, detail: made.detail, ...faultOf(made.fault) };
  const { id, url, suffix } = made.link;
  return { outcome: 'made', link_id: id, url, suffix };
}

export interface LinkLetter {
  readonly to: string;
  readonly name: string;
  readonly creditor: string;
  readonly amount: string;
  readonly dueDate: string;
  /** The short link, or the part behind its domain. */
  readonly link: string;
  readonly template: string | undefined;
  readonly language: string | undefined;
  /** Id of a message that passed the gate. */
  readonly idempotencyKey: string;
}

/** The tool `send_payment_link`. */
export async function sendLetter(
  deps: BundledDeps,
  accountId: string,
  letter: LinkLetter,
  signal: AbortSignal,
): Promise<ToolResult> {
  const message: LinkMessage = {
    messageId: letter.idempotencyKey,
    to: letter.to,
    suffix: suffixOf(letter.link),
    bodyValues: [letter.name, letter.creditor, letter.amount, letter.dueDate],
    template: letter.template,
    language: letter.language,
  };
  return sendLink(deps, accountId, message, signal);
}

/** The same two tools without a network between: what our own templates fill is what they take. */
export function createBundledTools(deps: BundledDeps): BundledTools {
  return {
    async call(accountId, purpose, { arguments: args, idempotencyKey, signal: ends }) {
      const signal = AbortSignal.any([ends, AbortSignal.timeout(providerMs)]);
      // What our own templates fill are texts; anything else is nothing that we wrote.
      const text = (name: string): string => {
        const value = args[name];
        return typeof value === 'string' ? value : '';
      };
      try {
        return answerOf(
          purpose === 'create_payment_link'
            ? await createLink(
                deps,
                accountId,
                {
                  amount: text('amount'),
                  currency: text('currency'),
                  title: text('title'),
                  reference: text('reference'),
                  expiresAt: text('expires_at'),
                  idempotencyKey,
                },
                signal,
              )
            : await sendLetter(
                deps,
                accountId,
                {
                  to: text('to'),
                  name: text('name'),
                  creditor: text('creditor'),
                  amount: text('amount'),
                  dueDate: text('due_date'),
                  link: text('link'),
                  template: undefined,
                  language: undefined,
                  idempotencyKey,
                },
                signal,
              ),
        );
      } catch (error) {
        // The provider may have been asked before a database went away: nobody says that it was not.
        const detail = error instanceof Error ? error.message.slice(0, 500) : 'failed';
        return { kind: 'unknown', detail, fault: 'no_answer' };
      }
    },
  };
}

function faultOf(fault: ChannelFault | null): { readonly fault?: ChannelFault } {
  return fault === null ? {} : { fault };
}

function answerOf(result: ToolResult): ToolAnswer {
  if (result.outcome !== 'refused') return { kind: 'done', result };
  return { kind: 'refused', detail: JSON.stringify(result), result };
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
