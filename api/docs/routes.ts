import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ApiEnv } from '../deps.ts';
import { documentEvents } from '../webhook-endpoints/event-schemas.ts';
import { withReferences } from './references.ts';

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
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

export const openApiInfo = {
  openapi: '3.1.0',
  info: {
    title: 'Tandas API',
    version: '1',
    description:
      'Durable outbound conversations: upload people, make a batch, follow each contact. Errors are RFC 9457 problem details.',
  },
};

type Document = ReturnType<OpenAPIHono<ApiEnv>['getOpenAPI31Document']>;

/** Every operation that takes JSON refuses another content type, or none: said in one place, as it is done in one. */
function withUnsupported(document: Document): Document {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const refused = { 415: { description: 'The body is not JSON, or does not say so.', content } };
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of [item.post, item.put, item.patch]) {
      const body = operation?.requestBody;
      const takesJson = body !== undefined && 'content' in body && 'application/json' in body.content;
      if (takesJson && operation?.security !== undefined) Object.assign(operation.responses ?? {}, refused);
    }
  }
  return document;
}

/** `/openapi.json` from the schemas of the routes, and `/docs` to read and try it. */
export function addDocs(app: OpenAPIHono<ApiEnv>): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'API key of an account',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'tandas.session_token',
    description: 'A person who has signed in. What changes something also needs the header `Tandas-Account`',
  });
  documentEvents(app);
  app.get('/openapi.json', (c) =>
    c.json(withReferences(withUnsupported(app.getOpenAPI31Document(openApiInfo)))),
  );
  // Whoever follows a link of ours to nothing but the address finds what there is.
  app.get('/', (c) => c.redirect('/docs', 302));
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
