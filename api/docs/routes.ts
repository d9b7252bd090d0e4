import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../deps.ts';

const folder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));

/** Served from the package: the docs must open where no CDN is reachable. Nothing else of the folder is served. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tandas API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** A file of its own, so that the page needs no inline script. */
const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: false });\n`;

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

export const openApiInfo = {
  openapi: '3.1.0',
  info: {
    title: 'Tandas API',
    version: '1',
    description:
      'Durable outbound conversations: upload people, make a batch, follow each contact. Errors are RFC 9457 problem details.',
  },
};

/** `/openapi.json` from the schemas of the routes, and `/docs` to read and try it. */
export function addDocs(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'API key of an account',
  });
  app.doc31('/openapi.json', openApiInfo);
  app.get('/docs', (c) => c.html(page, 200, { 'content-security-policy': policy }));
  app.get('/docs/start.js', (c) => c.body(start, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/docs/:asset', async (c, next) => {
    const asset = c.req.param('asset');
    const type = Object.hasOwn(assets, asset) ? assets[asset] : undefined;
    if (type === undefined) return next();
    const bytes = await readFile(join(folder, asset));
    return c.body(new Uint8Array(bytes), 200, {
      'content-type': type,
      'cache-control': 'public, max-age=86400',
    });
  });
}
