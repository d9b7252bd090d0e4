import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { access } from '../access.ts';
import { inAccount } from '../../db/client.ts';
import { type KeyEditor, makeKey, revokeKey, rotateKey } from '../../domain/accounts/keys.ts';
import { type KeyKind, type KeyRow, listKeys } from '../../domain/accounts/queries-keys.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import { keyListSchema, keySchema, madeKeySchema, newKeySchema, rotationSchema } from './schemas.ts';

const found = {
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.forbidden,
  ...problems.notFound,
};

/** The four routes of one kind of key. */
function routesOf(path: string, what: string, all: string) {
  const tags = ['keys'];
  return {
    make: createRoute({
      method: 'post',
      path,
      tags,
      summary: `Make ${what}; it is shown once`,
      ...access('keys:write'),
      request: { body: { required: true, content: { 'application/json': { schema: newKeySchema } } } },
      responses: {
        201: json(madeKeySchema, 'It opens from now on.'),
        ...problems.badRequest,
        ...problems.unauthorised,
        ...problems.forbidden,
        ...problems.conflict,
        ...problems.unprocessable,
      },
    }),
    list: createRoute({
      method: 'get',
      path,
      tags,
      summary: `${all}: first characters, label, last use and end`,
      ...access('keys:read'),
      responses: { 200: json(keyListSchema, 'All of them, the newest first.'), ...problems.unauthorised },
    }),
    rotate: createRoute({
      method: 'post',
      path: `${path}/{id}/rotate`,
      tags,
      summary: `A new one in the place of ${what}; the old one opens for some hours more`,
      ...access('keys:write'),
      request: {
        params: idParams,
        body: { required: true, content: { 'application/json': { schema: rotationSchema } } },
      },
      responses: { 201: json(madeKeySchema, 'The new one.'), ...found, ...problems.conflict },
    }),
    revoke: createRoute({
      method: 'delete',
      path: `${path}/{id}`,
      tags,
      summary: `Revoke ${what}: it opens nothing from now on`,
      ...access('keys:write'),
      request: { params: idParams },
      responses: { 200: json(keySchema, 'Revoked; repeating it changes nothing.'), ...found },
    }),
  };
}

/** API keys, and tokens of the bundled MCP server. */
export function keyRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  addRoutes(router, deps, 'api_key', routesOf('/api/v1/api-keys', 'an API key', 'API keys'));
  addRoutes(
    router,
    deps,
    'mcp_token',
    routesOf('/api/v1/mcp-tokens', 'a token of the bundled MCP server', 'Tokens of the bundled MCP server'),
  );
  return router;
}

function addRoutes(
  router: OpenAPIHono<ApiEnv>,
  { app }: ApiDeps,
  kind: KeyKind,
  routes: ReturnType<typeof routesOf>,
): void {
  router.openapi(routes.make, async (c) => {
    const { label, role, scopes, networks, expires_at: expires } = c.req.valid('json');
    const editor = editorOf(c);
    const expiresAt = expires === null ? null : new Date(expires);
    const made = await inAccount(app, editor.accountId, (trx) =>
      makeKey(trx, editor, { kind, label, role, scopes, networks, expiresAt }),
    );
    return c.json({ ...present(made.row), key: made.key }, 201);
  });
  router.openapi(routes.list, async (c) => {
    const rows = await inAccount(app, c.get('caller').accountId, (trx) => listKeys(trx, kind));
    return c.json({ keys: rows.map(present) }, 200);
  });
  router.openapi(routes.rotate, async (c) => {
    const { id } = c.req.valid('param');
    const { overlap_hours: overlapHours } = c.req.valid('json');
    const editor = editorOf(c);
    const made = await inAccount(app, editor.accountId, (trx) =>
      rotateKey(trx, editor, { kind, id, overlapHours }),
    );
    return c.json({ ...present(made.row), key: made.key }, 201);
  });
  router.openapi(routes.revoke, async (c) => {
    const { id } = c.req.valid('param');
    const editor = editorOf(c);
    const row = await inAccount(app, editor.accountId, (trx) => revokeKey(trx, editor, { kind, id }));
    return c.json(present(row), 200);
  });
}

function editorOf(c: Context<ApiEnv>): KeyEditor {
  return c.get('caller');
}

function present(row: KeyRow): z.infer<typeof keySchema> {
  const { id, prefix, label, role } = row;
  return {
    scopes: row.scopes === null ? null : [...row.scopes],
    networks: row.networks === null ? null : [...row.networks],
    id,
    prefix,
    label,
    role,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}
