import { listTools, type ToolDescription, type ToolServer } from './mcp-client.ts';
import { fillAll, sampleValues, type Template, unknownPlaceholders } from './arguments.ts';
import { misfitOf } from './schema-check.ts';
import { asTemplate, tokenUse } from './tools.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import {
  type BindingRow,
  endBinding,
  findMcpServer,
  insertMcpServer,
  type McpServerRow,
  type Purpose,
  replaceBinding,
  lockMcpServer,
  updateMcpServer,
} from './queries.ts';
import { bindSecret, findSecret } from '../accounts/queries-secrets.ts';
import type { Fetch } from '../../outbound/guarded-fetch.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import { judgeTarget, type TargetPolicy } from '../../outbound/targets.ts';
import { type Actor, isReserved, openSecret } from '../accounts/channels.ts';
import { refuse, OperationRefused } from '../shared/refused.ts';

export interface ToolConfigDeps {
  readonly app: Database;
  readonly secrets: SecretBox;
  readonly targets: TargetPolicy;
  readonly guardedFetch: Fetch;
}

export interface ServerConfig {
  readonly name: string;
  readonly url: string;
  /** Name of a secret of the account, presented as a bearer token; null: none. */
  readonly secretName: string | null;
  readonly timeoutMs: number;
}

/** Adds an MCP server. Throws `OperationRefused` that names the field. */
export async function addServer(
  trx: Trx,
  { targets }: Pick<ToolConfigDeps, 'targets'>,
  { accountId, actor }: Actor,
  config: ServerConfig,
): Promise<McpServerRow> {
  if (isReserved(config.name)) throw refuse('name_reserved', { name: config.name }, { field: 'name' });
  const url = checkUrl(config.url, targets);
  await claimSecret(trx, accountId, config.secretName, url);
  const row = await insertMcpServer(trx, { ...config, accountId, url });
  if (row === undefined) {
    throw refuse('name_taken', { name: config.name }, { field: 'name' });
  }
  await writeAudit(trx, { accountId, actor, action: 'mcp_server.added', subject: row.id });
  return row;
}

export interface ServerChange {
  readonly url?: string;
  readonly secretName?: string | null;
  readonly timeoutMs?: number;
  readonly enabled?: boolean;
}

/** Changes an MCP server. Throws `OperationRefused`. */
export async function changeServer(
  trx: Trx,
  { targets }: Pick<ToolConfigDeps, 'targets'>,
  { accountId, actor }: Actor,
  id: string,
  change: ServerChange,
): Promise<McpServerRow> {
  const before = await lockMcpServer(trx, id);
  if (before === undefined) throw serverNotFound();
  const url = change.url === undefined ? before.url : checkUrl(change.url, targets);
  const secretName = change.secretName === undefined ? before.secret_name : change.secretName;
  // Of the server as it will be: whoever moves it names a secret that was stored for the new host.
  await claimSecret(trx, accountId, secretName, url);
  const row = await updateMcpServer(trx, id, { ...change, url });
  if (row === undefined) throw serverNotFound();
  await writeAudit(trx, { accountId, actor, action: 'mcp_server.changed', subject: id });
  return row;
}

/** Asks a configured server for its tools. Throws `OperationRefused` when it does not answer. */
export async function askServer(
  deps: ToolConfigDeps,
  accountId: string,
  id: string,
): Promise<{ readonly row: McpServerRow; readonly tools: readonly ToolDescription[] }> {
  const { row, server } = await inAccount(deps.app, accountId, (trx) => openServer(trx, deps, accountId, id));
  try {
    return { row, tools: await listTools(server, AbortSignal.timeout(row.timeout_ms)) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw refuse('mcp_server_silent', { name: row.name, detail: detail.slice(0, 300) }, { field: 'server' });
  }
}

export interface WantedBinding {
  readonly purpose: Purpose;
  readonly serverId: string;
  readonly tool: string;
  /** JSON-plain; texts may hold placeholders. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * Binds a purpose to a tool: the template is tried with example values against the tool's own schema, so that what
 * would fail in the middle of a night fails here. Throws `OperationRefused` that names the field.
 */
export async function bindTool(deps: ToolConfigDeps, who: Actor, wanted: WantedBinding): Promise<BindingRow> {
  const { tools } = await askServer(deps, who.accountId, wanted.serverId);
  const tool = tools.find(({ name }) => name === wanted.tool);
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(', ');
    throw refuse('tool_unknown', { tool: wanted.tool, known: names }, { field: 'tool' });
  }
  const template: Readonly<Record<string, Template>> = Object.fromEntries(
    Object.entries(wanted.arguments).map(([key, value]) => [key, asTemplate(value)]),
  );
  const values = sampleValues[wanted.purpose];
  const unknown = unknownPlaceholders(template, values);
  if (unknown.length > 0) {
    const known = Object.keys(values).join(', ');
    throw refuse('argument_unknown', { unknown: unknown.join(', '), known }, { field: 'arguments' });
  }
  const misfit = await misfitOf(who.accountId, tool.inputSchema, fillAll(template, values));
  if (misfit !== undefined) {
    throw refuse('arguments_misfit', { misfit }, { field: 'arguments' });
  }
  const { accountId, actor } = who;
  return inAccount(deps.app, accountId, async (trx) => {
    const row = await replaceBinding(trx, { ...wanted, accountId, arguments: template });
    await writeAudit(trx, { accountId, actor, action: 'tool.bound', subject: wanted.purpose });
    return row;
  });
}

/** Back to the bundled tools. Repeating it changes nothing. */
export async function unbindTool(trx: Trx, { accountId, actor }: Actor, purpose: Purpose): Promise<void> {
  if (!(await endBinding(trx, purpose))) return;
  await writeAudit(trx, { accountId, actor, action: 'tool.unbound', subject: purpose });
}

async function openServer(
  trx: Trx,
  { secrets, guardedFetch }: ToolConfigDeps,
  accountId: string,
  id: string,
): Promise<{ readonly row: McpServerRow; readonly server: ToolServer }> {
  const row = await findMcpServer(trx, id);
  if (row === undefined) throw serverNotFound();
  const bearer =
    row.secret_name === null
      ? undefined
      : await openSecret(trx, secrets, accountId, row.secret_name, tokenUse(row));
  return { row, server: { url: row.url, bearer, fetch: guardedFetch } };
}

function checkUrl(text: string, targets: TargetPolicy): string {
  const target = judgeTarget(text, targets);
  if (target.ok) return target.url.href;
  throw refuse('target_refused', { en: target.en, es: target.es }, { field: 'url' });
}

/** A secret is presented to one host: it cannot be carried to another one, where somebody reads it. */
async function claimSecret(trx: Trx, accountId: string, name: string | null, url: string): Promise<void> {
  if (name === null || (await bindSecret(trx, accountId, name, new URL(url).origin))) return;
  const found = await findSecret(trx, accountId, name);
  if (found === undefined) throw refuse('secret_unknown', { name }, { field: 'secret' });
  if (found.purpose !== 'tool') throw refuse('secret_of_other_purpose', { name }, { field: 'secret' });
  throw refuse('secret_of_other_host', { name, host: found.bound_to ?? '' }, { field: 'secret' });
}

function serverNotFound(): OperationRefused {
  return refuse('mcp_server_not_found');
}
