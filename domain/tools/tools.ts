import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { boundTool, finishToolCall, insertToolCall, type Purpose } from './queries.ts';
import { openSecret, type SecretUse } from '../accounts/channels.ts';
import type { Fetch } from '../../outbound/guarded-fetch.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import type { NoteFault } from '../shared/rules/channel-faults.ts';
import { callTool, type ToolAnswer, type ToolServer } from './mcp-client.ts';
import { fillAll, type Template, type Values } from './arguments.ts';

/** What calling tools stands on. */
export interface ToolDeps {
  readonly app: Database;
  readonly secrets: SecretBox;
  /** For servers whose address an account typed. */
  readonly guardedFetch: Fetch;
  /** What an account uses that has bound nothing of its own: called in this process, without a network between. */
  readonly bundled: BundledTools;
  /** Default: failures of accounts' own servers are in their calls' rows alone. */
  readonly noteFault?: NoteFault;
}

/** The tools that come with the product. Never rejects: what went wrong is its answer. */
export interface BundledTools {
  call(accountId: string, purpose: Purpose, request: BundledRequest): Promise<ToolAnswer>;
}

export interface BundledRequest {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** A tool that is ready to be called: an account's own, or the bundled one. */
export interface ReadyTool {
  readonly call: (request: BundledRequest) => Promise<ToolAnswer>;
  readonly serverId: string | null;
  readonly serverName: string;
  readonly tool: string;
  readonly template: Readonly<Record<string, Template>>;
  readonly timeoutMs: number;
}

export type ReadyAnswer =
  | { readonly kind: 'ready'; readonly tool: ReadyTool }
  | { readonly kind: 'missing'; readonly detail: string };

const bundledTimeoutMs = 9_000;

const bundledTemplates: Readonly<Record<Purpose, Readonly<Record<string, Template>>>> = {
  create_payment_link: {
    amount: '{{agreement.amount_decimal}}',
    currency: '{{agreement.currency}}',
    title: '{{link.title}}',
    reference: '{{link.reference}}',
    expires_at: '{{link.expires_at}}',
    idempotency_key: '{{idempotency_key}}',
  },
  send_payment_link: {
    to: '{{person.phone}}',
    name: '{{person.name}}',
    creditor: '{{creditor}}',
    amount: '{{agreement.amount_text}}',
    due_date: '{{agreement.due_date_text}}',
    link: '{{link.url}}',
    idempotency_key: '{{message.id}}',
  },
};

/** The account's tool for a purpose. `missing` names what an operator must set. */
export async function readyTool(
  trx: Trx,
  deps: ToolDeps,
  accountId: string,
  purpose: Purpose,
): Promise<ReadyAnswer> {
  const bound = await boundTool(trx, purpose);
  if (bound === undefined) return { kind: 'ready', tool: bundledTool(deps, accountId, purpose) };
  const { server } = bound;
  if (server.disabled_at !== null) {
    return { kind: 'missing', detail: `the MCP server "${server.name}" is disabled` };
  }
  const bearer =
    server.secret_name === null
      ? undefined
      : await openSecret(trx, deps.secrets, accountId, server.secret_name, tokenUse(server));
  if (server.secret_name !== null && bearer === undefined) {
    return {
      kind: 'missing',
      detail: `there is no secret "${server.secret_name}" for ${tokenUse(server).origin}`,
    };
  }
  const at: ToolServer = { url: server.url, bearer, fetch: deps.guardedFetch };
  return {
    kind: 'ready',
    tool: {
      call: (request) => callTool(at, { ...request, tool: bound.tool }),
      serverId: server.id,
      serverName: server.name,
      tool: bound.tool,
      template: asTemplates(bound.arguments),
      timeoutMs: server.timeout_ms,
    },
  };
}

/** What a server's token is wanted for: to be shown to its host, and to no other. */
export function tokenUse({ url }: { readonly url: string }): Extract<SecretUse, { purpose: 'tool' }> {
  return { purpose: 'tool', origin: new URL(url).origin };
}

function bundledTool({ bundled }: ToolDeps, accountId: string, purpose: Purpose): ReadyTool {
  return {
    call: (request) => bundled.call(accountId, purpose, request),
    serverId: null,
    serverName: 'bundled',
    tool: purpose,
    template: bundledTemplates[purpose],
    timeoutMs: bundledTimeoutMs,
  };
}

export interface ToolUse {
  readonly accountId: string;
  readonly purpose: Purpose;
  /** Id of the message that it is for. */
  readonly subject: string;
  readonly values: Values;
  readonly idempotencyKey: string;
  /** Whatever the tool's own time-out says, not after this instant of the wall clock. */
  readonly deadlineMs: number;
}

/** What a tool says is kept up to here: audit rows are for reading. */
const mostResultBytes = 16_384;

/** One attempt: a row before it leaves, one call with an absolute end, and what became of it in the row. */
export async function useTool(deps: ToolDeps, ready: ReadyTool, use: ToolUse): Promise<ToolAnswer> {
  const args = fillAll(ready.template, use.values);
  const endMs = Math.min(use.deadlineMs, Date.now() + ready.timeoutMs);
  const callId = await inAccount(deps.app, use.accountId, (trx) =>
    insertToolCall(trx, {
      accountId: use.accountId,
      purpose: use.purpose,
      subject: use.subject,
      serverId: ready.serverId,
      serverName: ready.serverName,
      tool: ready.tool,
      arguments: args,
      idempotencyKey: use.idempotencyKey,
      deadlineAt: new Date(endMs),
    }),
  );
  const leftMs = endMs - Date.now();
  const answer: ToolAnswer =
    leftMs <= 0
      ? { kind: 'failed', detail: 'no time was left', fault: 'no_answer' }
      : await ready.call({
          arguments: args,
          idempotencyKey: use.idempotencyKey,
          signal: AbortSignal.timeout(leftMs),
        });
  const hasResult = answer.kind === 'done' || answer.kind === 'refused';
  await inAccount(deps.app, use.accountId, (trx) =>
    finishToolCall(trx, callId, {
      outcome: answer.kind,
      result: hasResult ? capped(answer.result) : null,
      error: answer.kind === 'done' ? null : answer.detail,
    }),
  );
  // The bundled tools' providers are watched themselves.
  if (ready.serverId !== null && (answer.kind === 'failed' || answer.kind === 'unknown'))
    deps.noteFault?.({ channel: 'tool', provider: 'own', fault: answer.fault });
  return answer;
}

function capped(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(result).replaceAll('\\u0000', '');
  if (Buffer.byteLength(text) <= mostResultBytes) return result;
  return { truncated: true, text: text.slice(0, mostResultBytes / 4) };
}

/** What was validated when it was configured; anything else in it would be no JSON. */
function asTemplates(stored: Readonly<Record<string, unknown>>): Readonly<Record<string, Template>> {
  return Object.fromEntries(Object.entries(stored).map(([key, value]) => [key, asTemplate(value)]));
}

export function asTemplate(value: unknown): Template {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(asTemplate);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asTemplate(one)]));
  }
  return null;
}
