import { type Database, databaseNow, inAccount } from '../../db/client.ts';
import { setMessageLink } from './queries.ts';
import { isProvenUnsent, isSent, type MessageState } from './rules/status.ts';
import type { PaymentLinkDeps } from '../payments/links.ts';
import { type MessageWord, settleMessage } from './settle-message.ts';
import { type ChannelFault, isChannelFault } from '../shared/rules/channel-faults.ts';
import { linkValuesOf, sendValuesOf } from './link-values.ts';
import { clearMessage, type ClearedMessage, type SendLinkInput } from './clear-message.ts';
import { adoptLink, type ShortLink } from './short-link.ts';
import type { ToolAnswer } from '../tools/mcp-client.ts';
import { type ReadyTool, readyTool, type ToolDeps, useTool } from '../tools/tools.ts';

/** What sending stands on; a worker that was given none sends nothing. */
export interface ActionDeps extends ToolDeps, PaymentLinkDeps {
  /** The bundled server's channel reaches nobody: only then are messages sent under the demo's rules. */
  readonly simulatedChannel: boolean;
}

export type PaymentLinkAnswer =
  | { readonly kind: 'sent'; readonly messageId: string }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly rule: string;
      readonly notBeforeMs: number | null;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly messageId: string };

/**
 * Sends the link for what is due of an agreement: gate, row, count and hold in one transaction, then the link, then one
 * message. Asked again, it answers what became of the first: an outcome that is unknown is never sent a second time,
 * and the channel's own webhook resolves it.
 */
export async function sendPaymentLink(
  deps: { readonly app: Database; readonly actions?: ActionDeps },
  input: SendLinkInput,
): Promise<PaymentLinkAnswer> {
  const { actions } = deps;
  if (input.mode === 'live' && actions === undefined) {
    return { kind: 'failed', reason: 'this worker was given no channel' };
  }
  const clearing = await clearMessage(deps.app, input, actions?.simulatedChannel === true);
  switch (clearing.kind) {
    case 'refused':
      return clearing;
    case 'before':
      return answerOf(clearing.messageId, clearing.state, clearing.failure);
    case 'cleared':
      if (input.mode !== 'live' || actions === undefined) {
        return sendInRehearsal(deps.app, input, clearing.message);
      }
      return send(actions, input, clearing.message);
    default: {
      const unreachable: never = clearing;
      return unreachable;
    }
  }
}

function answerOf(messageId: string, state: MessageState, failure: string | null): PaymentLinkAnswer {
  if (isSent(state)) return { kind: 'sent', messageId };
  // 'sending' too: whoever was sending it may still be at it, or is dead.
  if (!isProvenUnsent(state)) return { kind: 'unknown', messageId };
  return { kind: 'failed', reason: failure ?? 'never heard of again' };
}

/** No network and nobody to tell: it is taken and delivered at once, on the workflow's own clock. */
async function sendInRehearsal(
  app: Database,
  input: SendLinkInput,
  { messageId, at }: ClearedMessage,
): Promise<PaymentLinkAnswer> {
  await inAccount(app, input.accountId, async (trx) => {
    for (const kind of ['accepted', 'delivered'] as const) {
      await settleMessage(trx, { messageId }, { kind, at });
    }
  });
  return { kind: 'sent', messageId };
}

async function send(
  deps: ActionDeps,
  input: SendLinkInput,
  message: ClearedMessage,
): Promise<PaymentLinkAnswer> {
  const { messageId } = message;
  // By this machine's own clock: the message's instants are the database's.
  const deadlineMs = Date.now() + (message.deadlineAt.getTime() - message.at.getTime());
  const tools = await inAccount(deps.app, input.accountId, async (trx) => ({
    create: await readyTool(trx, deps, input.accountId, 'create_payment_link'),
    send: await readyTool(trx, deps, input.accountId, 'send_payment_link'),
  }));
  const missing = [tools.create, tools.send].find((tool) => tool.kind === 'missing');
  if (tools.create.kind === 'missing' || tools.send.kind === 'missing') {
    const why = failed('tool_missing', missing?.detail ?? '', 'stop', 'not_configured');
    return settle(deps, input, messageId, why);
  }
  const link = await makeLink(deps, input, message, tools.create.tool, deadlineMs);
  if ('why' in link) {
    // A link that nobody has seen is nothing: also one whose making nobody answered for.
    return settle(deps, input, messageId, failed('link_not_made', link.why, 'retry', link.fault));
  }
  await inAccount(deps.app, input.accountId, (trx) => setMessageLink(trx, messageId, link.id));
  const answer = await useTool(deps, tools.send.tool, {
    accountId: input.accountId,
    purpose: 'send_payment_link',
    subject: messageId,
    values: sendValuesOf(input.agreementId, message, link),
    idempotencyKey: messageId,
    deadlineMs,
  });
  return settle(deps, input, messageId, wordOf(answer));
}

/** The link, or why there is none. */
async function makeLink(
  deps: ActionDeps,
  input: SendLinkInput,
  message: ClearedMessage,
  tool: ReadyTool,
  deadlineMs: number,
): Promise<ShortLink | NoLink> {
  const values = linkValuesOf(input.agreementId, message);
  const answer = await useTool(deps, tool, {
    accountId: input.accountId,
    purpose: 'create_payment_link',
    subject: message.messageId,
    values,
    idempotencyKey: message.messageId,
    // Time for the message itself is kept back.
    deadlineMs: deadlineMs - 8_000,
  });
  if (answer.kind !== 'done') return { why: answer.detail, fault: faultOf(answer) };
  const { serverName } = tool;
  const made = await adoptLink(deps, input, message, values, { serverName, result: answer.result });
  // The provider's silence comes as a tool's answer.
  return typeof made === 'string' ? { why: made, fault: saidFault(answer.result) ?? 'error' } : made;
}

interface NoLink {
  readonly why: string;
  readonly fault: ChannelFault;
}

/** What failed: as the tool says of the provider behind it, or the tool itself. */
function faultOf(answer: Exclude<ToolAnswer, { kind: 'done' }>): ChannelFault {
  return answer.kind === 'refused' ? (saidFault(answer.result) ?? 'refused') : answer.fault;
}

function saidFault({ fault }: Readonly<Record<string, unknown>>): ChannelFault | undefined {
  return isChannelFault(fault) ? fault : undefined;
}

type Word = Omit<MessageWord, 'at'>;

function wordOf(answer: ToolAnswer): Word {
  switch (answer.kind) {
    case 'done': {
      const { result } = answer;
      const outcome = result['outcome'];
      if (outcome === 'unknown') return { kind: 'unknown' };
      const id = result['provider_message_id'] ?? result['message_id'];
      return { kind: 'accepted', providerMessageId: typeof id === 'string' ? id : undefined };
    }
    case 'refused': {
      const [code, kind] = [answer.result['code'], answer.result['class']];
      return failed(
        typeof code === 'string' ? code : 'tool_refused',
        answer.detail,
        typeof kind === 'string' ? kind : 'stop',
        // The bundled tool names the channel's fault; without one it speaks of the person.
        saidFault(answer.result) ?? (typeof kind === 'string' ? null : 'refused'),
      );
    }
    case 'failed':
      return failed('tool_failed', answer.detail, 'retry', answer.fault);
    case 'unknown':
      return { kind: 'unknown' };
    default: {
      const unreachable: never = answer;
      return unreachable;
    }
  }
}

function failed(code: string, detail: string, failureClass: string, fault: ChannelFault | null): Word {
  return { kind: 'failed', failure: `${code}: ${detail}`.slice(0, 300), failureClass, fault };
}

async function settle(
  deps: ActionDeps,
  input: SendLinkInput,
  messageId: string,
  word: Word,
): Promise<PaymentLinkAnswer> {
  return inAccount(deps.app, input.accountId, async (trx) => {
    const settled = await settleMessage(trx, { messageId }, { ...word, at: await databaseNow(trx) });
    if (settled === undefined) throw new Error(`message ${messageId} is gone`);
    // Not the word but the state: the channel's webhook may have been faster, and knows more.
    return answerOf(messageId, settled.state, word.failure ?? null);
  });
}
