import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import {
  type BindingRow,
  listBindings,
  listMcpServers,
  type McpServerRow,
} from '../../domain/tools/queries.ts';
import { addServer, askServer, bindTool, changeServer, unbindTool } from '../../domain/tools/config.ts';
import { createGuardedFetch } from '../../outbound/guarded-fetch.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import {
  bindingListSchema,
  bindingSchema,
  changeServerSchema,
  newBindingSchema,
  newServerSchema,
  purposeSchema,
  serverListSchema,
  serverSchema,
  toolListSchema,
} from './schemas.ts';

const tags = ['tools'];
const servers = '/api/v1/mcp-servers';
const bindings = '/api/v1/tool-bindings';
const purposeParams = z.object({ purpose: purposeSchema });
const bad = { ...problems.badRequest, ...problems.unauthorised, ...problems.unprocessable };

const add = createRoute({
  method: 'post',
  path: servers,
  tags,
  summary: 'An MCP server of yours (streamable HTTP), whose tools contacts may use',
  ...access('tools:write'),
  request: { body: { required: true, content: { 'application/json': { schema: newServerSchema } } } },
  responses: { 201: json(serverSchema, 'The server.'), ...bad, ...problems.conflict },
});

const list = createRoute({
  method: 'get',
  path: servers,
  tags,
  summary: 'MCP servers, by name',
  ...access('tools:read'),
  responses: { 200: json(serverListSchema, 'All of them.'), ...problems.unauthorised },
});

const change = createRoute({
  method: 'patch',
  path: `${servers}/{id}`,
  tags,
  summary: 'Another address, secret or time-out; or disable it',
  ...access('tools:write'),
  request: {
    params: idParams,
    body: { required: true, content: { 'application/json': { schema: changeServerSchema } } },
  },
  responses: { 200: json(serverSchema, 'As it is now.'), ...bad, ...problems.notFound },
});

const test = createRoute({
  method: 'post',
  path: `${servers}/{id}/test`,
  tags,
  summary: 'Connect to it and list its tools',
  ...access('tools:write'),
  request: { params: idParams },
  responses: { 200: json(toolListSchema, 'Its tools.'), ...bad, ...problems.notFound },
});

const bind = createRoute({
  method: 'put',
  path: `${bindings}/{purpose}`,
  tags,
  summary: 'Use a tool for a purpose; its arguments are tried against the tool first',
  ...access('tools:write'),
  request: {
    params: purposeParams,
    body: { required: true, content: { 'application/json': { schema: newBindingSchema } } },
  },
  responses: {
    200: json(bindingSchema, 'The binding.'),
    ...bad,
    ...problems.notFound,
    ...problems.tooMany,
  },
});

const bound = createRoute({
  method: 'get',
  path: bindings,
  tags,
  summary: 'Bindings; for a purpose without one the bundled tool is used',
  ...access('tools:read'),
  responses: { 200: json(bindingListSchema, 'All of them.'), ...problems.unauthorised },
});

const unbind = createRoute({
  method: 'delete',
  path: `${bindings}/{purpose}`,
  tags,
  summary: 'Back to the bundled tool',
  ...access('tools:write'),
  request: { params: purposeParams },
  responses: {
    204: { description: 'Done; repeating it changes nothing.' },
    ...problems.badRequest,
    ...problems.unauthorised,
  },
});

export function toolRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const targets = deps.targets ?? { allowPrivate: false };
  const config = {
    app: deps.app,
    secrets: deps.secrets ?? noSecretBox,
    targets,
    guardedFetch: createGuardedFetch(targets),
  };
  router.openapi(add, async (c) => {
    const { secret, timeout_ms: timeoutMs, ...rest } = c.req.valid('json');
    const caller = callerOf(c);
    const row = await inAccount(deps.app, caller.accountId, (trx) =>
      addServer(trx, config, caller, { ...rest, secretName: secret, timeoutMs }),
    );
    return c.json(presentServer(row), 201);
  });
  router.openapi(list, async (c) => {
    const rows = await inAccount(deps.app, callerOf(c).accountId, listMcpServers);
    return c.json({ servers: rows.map(presentServer) }, 200);
  });
  router.openapi(change, async (c) => {
    const { url, secret, timeout_ms: timeoutMs, enabled } = c.req.valid('json');
    const caller = callerOf(c);
    const row = await inAccount(deps.app, caller.accountId, (trx) =>
      changeServer(trx, config, caller, c.req.valid('param').id, {
        ...(url === undefined ? {} : { url }),
        ...(secret === undefined ? {} : { secretName: secret }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(enabled === undefined ? {} : { enabled }),
      }),
    );
    return c.json(presentServer(row), 200);
  });
  router.openapi(test, async (c) => {
    const { tools } = await askServer(config, callerOf(c).accountId, c.req.valid('param').id);
    const shown = tools.map(({ inputSchema, ...tool }) => ({ ...tool, input_schema: { ...inputSchema } }));
    return c.json({ tools: shown }, 200);
  });
  router.openapi(bind, async (c) => {
    const { purpose } = c.req.valid('param');
    const { server: serverId, tool, arguments: args } = c.req.valid('json');
    const row = await bindTool(config, callerOf(c), { purpose, serverId, tool, arguments: args });
    return c.json(presentBinding(row), 200);
  });
  router.openapi(bound, async (c) => {
    const rows = await inAccount(deps.app, callerOf(c).accountId, listBindings);
    return c.json({ bindings: rows.map(presentBinding) }, 200);
  });
  router.openapi(unbind, async (c) => {
    const caller = callerOf(c);
    const { purpose } = c.req.valid('param');
    await inAccount(deps.app, caller.accountId, (trx) => unbindTool(trx, caller, purpose));
    return c.body(null, 204);
  });
  return router;
}

function presentServer(row: McpServerRow): z.infer<typeof serverSchema> {
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    secret: row.secret_name,
    timeout_ms: row.timeout_ms,
    enabled: row.disabled_at === null,
    created_at: row.created_at.toISOString(),
  };
}

function presentBinding(row: BindingRow): z.infer<typeof bindingSchema> {
  return {
    purpose: row.purpose,
    server: row.server_id,
    tool: row.tool,
    arguments: row.arguments,
    created_at: row.created_at.toISOString(),
  };
}
