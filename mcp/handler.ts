import { createMcpHandler } from '@modelcontextprotocol/server';
import type { Logger } from 'pino';
import { findMcpToken, hashKey } from '../domain/accounts/queries.ts';
import type { BundledDeps } from '../domain/messages/bundled-tools.ts';
import { createToolServer } from './tools.ts';

export interface McpApp {
  readonly fetch: (request: Request) => Promise<Response>;
  close(): Promise<void>;
}

/** No call of ours is longer than a few hundred bytes. */
const maxBodyBytes = 64 * 1024;
const longestToken = 200;

/** The bundled MCP server: streamable HTTP at `/mcp`, one bearer token an account, any revision of the protocol. */
export function createMcpApp(deps: BundledDeps & { readonly logger: Logger }): McpApp {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const accountId = authInfo?.clientId;
      if (accountId === undefined) throw new Error('a call came through without its account');
      return createToolServer(deps, accountId);
    },
    {
      maxRequestBodySize: maxBodyBytes,
      onerror: (error) => deps.logger.warn({ err: error }, 'an MCP request failed'),
    },
  );
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === '/health') return Response.json({ ok: true });
      if (pathname !== '/mcp') return new Response('not found', { status: 404 });
      const [, token] = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '') ?? [];
      const holder =
        token === undefined || token.length > longestToken
          ? undefined
          : await findMcpToken(deps.app, hashKey(token));
      if (token === undefined || holder === undefined) {
        return new Response('a token of the bundled MCP server is needed', {
          status: 401,
          headers: { 'www-authenticate': 'Bearer' },
        });
      }
      return handler.fetch(request, { authInfo: { token, clientId: holder.account_id, scopes: [] } });
    },
    close: () => handler.close(),
  };
}
