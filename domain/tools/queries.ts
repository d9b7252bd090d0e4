import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export type Purpose = 'create_payment_link' | 'send_payment_link';

export interface McpServerRow {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly secret_name: string | null;
  readonly timeout_ms: number;
  readonly created_at: Date;
  readonly disabled_at: Date | null;
}

const columns = ['id', 'name', 'url', 'secret_name', 'timeout_ms', 'created_at', 'disabled_at'] as const;

export interface NewMcpServer {
  readonly accountId: string;
  readonly name: string;
  readonly url: string;
  readonly secretName: string | null;
  readonly timeoutMs: number;
}

/** Undefined when the name is taken. */
export async function insertMcpServer(trx: Trx, server: NewMcpServer): Promise<McpServerRow | undefined> {
  return trx
    .insertInto('catalogue.mcp_server')
    .values({
      account_id: server.accountId,
      name: server.name,
      url: server.url,
      secret_name: server.secretName,
      timeout_ms: server.timeoutMs,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'name']).doNothing())
    .returning(columns)
    .executeTakeFirst();
}

/** Undefined when there is none. */
export async function updateMcpServer(
  trx: Trx,
  id: string,
  change: {
    readonly url?: string;
    readonly secretName?: string | null;
    readonly timeoutMs?: number;
    readonly enabled?: boolean;
  },
): Promise<McpServerRow | undefined> {
  return trx
    .updateTable('catalogue.mcp_server')
    .set((eb) => ({
      // At least one column, so that a change of nothing is a look.
      name: eb.ref('name'),
      ...(change.url === undefined ? {} : { url: change.url }),
      ...(change.secretName === undefined ? {} : { secret_name: change.secretName }),
      ...(change.timeoutMs === undefined ? {} : { timeout_ms: change.timeoutMs }),
      ...(change.enabled === undefined
        ? {}
        : { disabled_at: change.enabled ? null : sql<Date>`coalesce(disabled_at, clock_timestamp())` }),
    }))
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();
}

export async function findMcpServer(trx: Trx, id: string): Promise<McpServerRow | undefined> {
  return trx.selectFrom('catalogue.mcp_server').select(columns).where('id', '=', id).executeTakeFirst();
}

/** The same, locked: its address and its secret are changed by one at a time. */
export async function lockMcpServer(trx: Trx, id: string): Promise<McpServerRow | undefined> {
  return trx
    .selectFrom('catalogue.mcp_server')
    .select(columns)
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function listMcpServers(trx: Trx): Promise<readonly McpServerRow[]> {
  return trx.selectFrom('catalogue.mcp_server').select(columns).orderBy('name').limit(200).execute();
}

export interface BindingRow {
  readonly id: string;
  readonly purpose: Purpose;
  readonly server_id: string;
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
  readonly created_at: Date;
}

/** In place of the older binding of the same purpose, which stays as history. */
export async function replaceBinding(
  trx: Trx,
  binding: {
    readonly accountId: string;
    readonly purpose: Purpose;
    readonly serverId: string;
    readonly tool: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  },
): Promise<BindingRow> {
  await endBinding(trx, binding.purpose);
  return trx
    .insertInto('catalogue.tool_binding')
    .values({
      account_id: binding.accountId,
      purpose: binding.purpose,
      server_id: binding.serverId,
      tool: binding.tool,
      arguments: JSON.stringify(binding.arguments),
    })
    .returning(['id', 'purpose', 'server_id', 'tool', 'arguments', 'created_at'])
    .executeTakeFirstOrThrow();
}

/** Back to the bundled server. False when no binding was there. */
export async function endBinding(trx: Trx, purpose: Purpose): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('catalogue.tool_binding')
    .set({ replaced_at: sql<Date>`clock_timestamp()` })
    .where('purpose', '=', purpose)
    .where('replaced_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function listBindings(trx: Trx): Promise<readonly BindingRow[]> {
  return trx
    .selectFrom('catalogue.tool_binding')
    .select(['id', 'purpose', 'server_id', 'tool', 'arguments', 'created_at'])
    .where('replaced_at', 'is', null)
    .orderBy('purpose')
    .execute();
}

export interface BoundTool {
  readonly server: McpServerRow;
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
}

/** The tool that the account bound to a purpose; undefined: the bundled one is used. */
export async function boundTool(trx: Trx, purpose: Purpose): Promise<BoundTool | undefined> {
  const binding = (await listBindings(trx)).find((one) => one.purpose === purpose);
  if (binding === undefined) return undefined;
  const server = await findMcpServer(trx, binding.server_id);
  return server === undefined ? undefined : { server, tool: binding.tool, arguments: binding.arguments };
}

export interface NewToolCall {
  readonly accountId: string;
  readonly purpose: Purpose;
  readonly subject: string;
  readonly serverId: string | null;
  readonly serverName: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
  readonly deadlineAt: Date;
}

/** Before the call leaves: one that is never heard of again has left a trace. */
export async function insertToolCall(trx: Trx, call: NewToolCall): Promise<string> {
  const { id } = await trx
    .insertInto('operation.tool_call')
    .values({
      account_id: call.accountId,
      purpose: call.purpose,
      subject: call.subject,
      server_id: call.serverId,
      server_name: call.serverName,
      tool: call.tool,
      arguments: JSON.stringify(call.arguments),
      idempotency_key: call.idempotencyKey,
      deadline_at: call.deadlineAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function finishToolCall(
  trx: Trx,
  id: string,
  end: {
    readonly outcome: 'done' | 'refused' | 'failed' | 'unknown';
    readonly result: Readonly<Record<string, unknown>> | null;
    readonly error: string | null;
  },
): Promise<void> {
  await trx
    .updateTable('operation.tool_call')
    .set({
      outcome: end.outcome,
      result: end.result === null ? null : JSON.stringify(end.result),
      error: end.error,
      finished_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', id)
    .execute();
}
