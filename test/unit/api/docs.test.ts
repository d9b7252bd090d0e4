import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { successors } from '../../../api/compat/deprecated.ts';
import { moneyRoutes } from '../../support/money-routes.ts';
import { createLoneApp } from '../../support/lone-app.ts';

const { app, close } = createLoneApp();

const braced = (name: string): string => name.replaceAll(/:(\w+)/g, '{$1}');

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

let document: Json;
beforeAll(async () => {
  document = object(await (await app.request('/openapi.json')).json());
});
afterAll(close);

const operations = (): readonly (readonly [string, Json])[] =>
  Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    Object.entries(object(item)).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, object(operation)] as const,
    ),
  );

describe('GET /openapi.json', () => {
  it('lists every route of the issue, and every route that the API serves', () => {
    const listed = operations().map(([name]) => name);
    expect(listed.toSorted()).toEqual(
      [
        'GET /health',
        'GET /api/v1/imports',
        'GET /api/v1/imports/{id}',
        'GET /api/v1/imports/{id}/problems',
        'DELETE /api/v1/imports/{id}',
        'GET /health/live',
        'GET /health/ready',
        'POST /api/v1/imports',
        'GET /api/v1/audit',
        'POST /api/v1/people/{id}/erase',
        'GET /api/v1/people/{id}/export',
        'GET /api/v1/batches',
        'POST /api/v1/batches',
        'GET /api/v1/batches/{id}',
        'GET /api/v1/batches/{id}/results',
        'PUT /api/v1/batches/{id}/budget',
        'POST /api/v1/batches/{id}/pause',
        'POST /api/v1/batches/{id}/resume',
        'POST /api/v1/batches/{id}/cancel',
        'GET /api/v1/batches/{id}/people',
        'POST /api/v1/batches/{id}/people',
        'GET /api/v1/contacts',
        'GET /api/v1/contacts/{id}',
        'POST /api/v1/contacts/{id}/reschedule',
        'POST /api/v1/contacts/{id}/pause',
        'POST /api/v1/contacts/{id}/resume',
        'POST /api/v1/contacts/{id}/cancel',
        'POST /api/v1/contacts/{id}/retry',
        'POST /api/v1/webhooks/retell/{account}',
        'GET /api/v1/accounts/{id}',
        'GET /api/v1/api-keys',
        'POST /api/v1/api-keys',
        'POST /api/v1/api-keys/{id}/rotate',
        'DELETE /api/v1/api-keys/{id}',
        'GET /api/v1/mcp-tokens',
        'GET /api/v1/me',
        'GET /api/v1/ledger',
        ...moneyRoutes,
        'GET /api/v1/statements/{month}',
        'GET /api/v1/events',
        'DELETE /api/v1/auth/second-factor',
        'DELETE /api/v1/auth/sessions',
        'DELETE /api/v1/auth/sessions/{id}',
        'DELETE /api/v1/invitations/{id}',
        'DELETE /api/v1/members/{id}',
        'GET /api/v1/auth/link',
        'GET /api/v1/auth/session',
        'GET /api/v1/auth/sessions',
        'GET /api/v1/invitations',
        'GET /api/v1/mails',
        'GET /api/v1/members',
        'PATCH /api/v1/members/{id}',
        'POST /api/v1/auth/backup-code',
        'POST /api/v1/auth/code',
        'POST /api/v1/auth/invitations',
        'POST /api/v1/auth/password',
        'POST /api/v1/auth/password/forgotten',
        'POST /api/v1/auth/password/reset',
        'POST /api/v1/auth/second-factor',
        'POST /api/v1/auth/sign-in',
        'POST /api/v1/auth/sign-out',
        'POST /api/v1/invitations',
        'POST /api/v1/mcp-tokens',
        'POST /api/v1/mcp-tokens/{id}/rotate',
        'DELETE /api/v1/mcp-tokens/{id}',
        'POST /api/v1/accounts/{id}/top-ups',
        'PUT /api/v1/accounts/{id}/rule-packs/{key}',
        'GET /api/v1/contacts/{id}/explain',
        'GET /api/v1/explain',
        'POST /api/v1/explain',
        'GET /api/v1/holidays',
        'POST /api/v1/holidays',
        'DELETE /api/v1/holidays/{id}',
        'GET /api/v1/people/{person}/register',
        'POST /api/v1/webhook-endpoints',
        'GET /api/v1/webhook-endpoints',
        'POST /api/v1/webhook-endpoints/{id}/rotate',
        'POST /api/v1/webhook-endpoints/{id}/disable',
        'POST /api/v1/webhook-endpoints/{id}/enable',
        'POST /api/v1/webhook-endpoints/{id}/replay',
        'DELETE /api/v1/webhook-endpoints/{id}',
        'POST /api/v1/webhook-endpoints/{id}/test',
        'GET /api/v1/webhook-deliveries',
        'GET /api/v1/webhook-deliveries/{id}',
        'POST /api/v1/webhook-deliveries/{id}/replay',
        'PUT /api/v1/secrets/{name}',
        'GET /api/v1/secrets',
        'PUT /api/v1/channels/{kind}',
        'GET /api/v1/channels',
        'POST /api/v1/mcp-servers',
        'GET /api/v1/mcp-servers',
        'PATCH /api/v1/mcp-servers/{id}',
        'POST /api/v1/mcp-servers/{id}/test',
        'PUT /api/v1/tool-bindings/{purpose}',
        'GET /api/v1/tool-bindings',
        'DELETE /api/v1/tool-bindings/{purpose}',
        'GET /api/v1/negotiations',
        'POST /api/v1/negotiations',
        'GET /api/v1/account',
        'GET /api/v1/payments',
        'GET /api/v1/payments/{id}',
        'GET /api/v1/agreements',
        'GET /api/v1/agreements/{id}',
        'GET /api/v1/messages',
        'GET /api/v1/messages/{id}',
        'GET /api/v1/policies',
        'GET /api/v1/policies/{key}/{version}',
        'GET /api/v1/rule-packs',
        'GET /api/v1/rule-packs/{key}/{version}',
        'GET /api/v1/negotiations/{key}/{version}',
        'POST /api/v1/payments',
        'POST /api/v1/payments/reversals',
        'POST /api/v1/payment-files',
        'GET /api/v1/payment-files/{id}',
        'POST /api/v1/removal-files',
        'GET /api/v1/removal-files/{id}',
        'GET /api/v1/do-not-contact',
        'POST /api/v1/people/{id}/stop',
        'POST /api/v1/people/{id}/lift',
        'POST /api/v1/privacy/requests',
        'GET /api/v1/privacy/requests',
        'GET /api/v1/privacy/requests/{id}',
        'POST /api/v1/privacy/requests/{id}/answer',
        'POST /api/v1/privacy/requests/{id}/extend',
        'GET /api/v1/tasks',
        'GET /api/v1/tasks/{id}',
        'GET /api/v1/terms',
        'POST /api/v1/tasks/{id}/resolve',
        'POST /api/v1/webhooks/inbound/{account}',
        'POST /api/v1/webhooks/retell/{account}/functions',
        'POST /api/v1/rehearsals',
        'GET /api/v1/rehearsals/{id}',
        'GET /api/v1/rehearsals/{id}/report/{format}',
        'GET /api/v1/reports/activity',
        'GET /api/v1/reports/activity/{format}',
        'POST /api/upload/excel',
        'GET /api/batches',
        'POST /api/batches',
        'GET /api/batches/{id}',
        'POST /api/batches/{id}/pause',
        'POST /api/batches/{id}/resume',
        'GET /api/jobs',
        'GET /api/jobs/{id}',
        'POST /api/jobs/{id}/retry',
        'GET /api/reports/jobs',
        'GET /api/reports/excel',
      ].toSorted(),
    );
    const served = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
      .filter((name) => !/ \/(docs|openapi\.json)/.test(name))
      // As their providers say it, not as we do: short links, WhatsApp's, Mercado Pago's and Stripe's webhooks.
      .filter((name) => !/ \/(p\/|api\/v1\/webhooks\/(whatsapp|mercadopago|orders)\/)/.test(name));
    expect(served.filter((name) => !listed.includes(name))).toEqual([]);
  });

  it('every operation says what it does, who may ask, and what its errors look like', () => {
    for (const [name, operation] of operations()) {
      expect(String(operation['summary']).length, name).toBeGreaterThan(10);
      const isOpen = name.includes('/health') || name.includes('/webhooks/');
      const expected = name.includes('/auth/')
        ? [undefined, [{ session: [] }]]
        : [isOpen ? undefined : [{ apiKey: [] }, { session: [] }]];
      expect(expected, name).toContainEqual(operation['security']);
      const responses = Object.entries(object(operation['responses']));
      if (!isOpen)
        expect(
          responses.map(([status]) => status),
          name,
        ).toContain('401');
      for (const [status, response] of responses) {
        const isSilent = object(response)['content'] === undefined;
        if (status === '204' || (isSilent && name.includes('/auth/') && /^(202|303)$/.test(status))) continue;
        // A file has the types that its path names.
        if (
          /\/(\{format\}|results|excel|\{month\})$/.test(name) &&
          !name.startsWith('POST') &&
          status === '200'
        )
          continue;
        if (name === 'GET /api/v1/events' && status === '200') {
          expect(Object.keys(object(object(response)['content']))).toEqual(['text/event-stream']);
          continue;
        }
        const type = Object.keys(object(object(response)['content']))[0];
        const expected =
          Number(status) >= 400 && !name.startsWith('GET /health')
            ? 'application/problem+json'
            : 'application/json';
        expect(type, `${name} ${status}`).toBe(expected);
      }
      if (operation['requestBody'] !== undefined) {
        expect(object(operation['requestBody'])['required'], name).toBe(true);
      }
    }
  });

  it('is OpenAPI 3.1: every reference leads somewhere, and every schema is a JSON schema', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Tandas API' } });
    const schemas = object(object(document['components'])['schemas']);
    expect(Object.keys(schemas)).toContain('Batch');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(10);
    for (const [, name = ''] of references) expect(Object.keys(schemas)).toContain(name);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'https://tandas.invalid/doc', components: document['components'] });
    for (const name of Object.keys(schemas)) {
      expect(
        () => ajv.compile({ $ref: `https://tandas.invalid/doc#/components/schemas/${name}` }),
        name,
      ).not.toThrow();
    }
  });
});

describe('a route of the first system', () => {
  it('is marked as deprecated, asks for the permission of the route that does the same now, and no other route is', () => {
    const deprecated = operations().filter(([, { deprecated }]) => deprecated === true);
    const named = new Map([...successors].map(([name, successor]) => [braced(name), braced(successor)]));
    expect(deprecated.map(([name]) => name).toSorted()).toEqual([...named.keys()].toSorted());
    const all = new Map(operations());
    for (const [name, operation] of deprecated) {
      const [method = ''] = name.split(' ');
      const successor = `${method} ${named.get(name) ?? ''}`.replace(/activity\/xlsx$/, 'activity/{format}');
      expect(all.get(successor)?.['x-permission'], name).toBe(operation['x-permission']);
      expect(operation['x-permission'], name).toMatch(/^\w+:\w+$/);
    }
  });
});

describe('a pattern', () => {
  it('is one that generators and validators read: no flags, no classes of Unicode or of a library', () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":"((?:[^"\\\\]|\\\\.)*)"/g)].map(
      ([, text = '']) => String(JSON.parse(`"${text}"`)),
    );
    expect(patterns.length).toBeGreaterThan(5);
    for (const pattern of patterns) {
      expect(pattern).not.toMatch(/^\/|\/[a-z]*$|\\[pPxdwsDWS]|\(\?/);
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
    }
  });
});

/** Records in a schema of the library, each by its place; what it stands on is looked through whatever it is. */
function recordsIn(schema: unknown, place: string, seen = new Set<unknown>()): readonly [string, Json][] {
  if (typeof schema !== 'object' || schema === null || seen.has(schema)) return [];
  seen.add(schema);
  const def: unknown = Reflect.get(schema, 'def');
  if (typeof def !== 'object' || def === null) {
    return Object.entries(schema).flatMap(([key, part]) => recordsIn(part, `${place}.${key}`, seen));
  }
  const own: [string, Json][] = Reflect.get(def, 'type') === 'record' ? [[place, object(def)]] : [];
  // The fields of an object are told when they are asked for.
  const parts = [...Object.entries(def), ['shape', Reflect.get(def, 'shape')] as const];
  return [...own, ...parts.flatMap(([key, part]) => recordsIn(part, `${place}.${key}`, seen))];
}

describe('a body', () => {
  it('takes any text as a key where it takes any key: what is asked of keys would not be in the document', () => {
    const records = app.openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== 'route') return [];
      const { method, path, request } = definition.route;
      return recordsIn(request?.body?.content, `${method} ${path}`);
    });
    expect(records.map(([place]) => place).join()).toMatch(/put .*tool-bindings/);
    const asking = records.filter(([, { keyType }]) => {
      const { type, checks = [] } = object(Reflect.get(Object(keyType), 'def'));
      return type !== 'string' || !Array.isArray(checks) || checks.length > 0;
    });
    expect(asking.map(([place]) => place)).toEqual([]);
  });
});

/** Texts in a schema of the document that may be anything, each by its place. */
function freeTexts(schema: unknown, place: string, seen: readonly string[] = []): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { $ref: reference, ...own } = object(schema);
  if (typeof reference === 'string') {
    const name = reference.replace('#/components/schemas/', '');
    const target = object(object(document['components'])['schemas'])[name];
    return seen.includes(name) ? [] : freeTexts(target, place, [...seen, name]);
  }
  const isText = [own['type']].flat().includes('string');
  const isFree = isText && !['pattern', 'format', 'enum', 'const'].some((word) => word in own);
  // What one of several forms asks for is said of the field itself.
  const parts = Object.entries(own).filter(([word]) => word !== 'example' && word !== 'anyOf');
  return [
    ...(isFree ? [place] : []),
    ...parts.flatMap(([word, part]) => freeTexts(part, `${place}.${word}`, seen)),
  ];
}

describe('a form', () => {
  it('says that it takes no field but those that it names: each other one is refused', () => {
    const forms = operations().flatMap(([name, { requestBody }]) => {
      const form = object(object(requestBody)['content'])['multipart/form-data'];
      return form === undefined ? [] : [[name, object(object(form)['schema'])['additionalProperties']]];
    });
    expect(Object.fromEntries(forms)).toEqual({
      'POST /api/upload/excel': false,
      'POST /api/v1/imports': false,
      'POST /api/v1/payment-files': false,
      'POST /api/v1/removal-files': false,
    });
  });
});

describe('a text of a request', () => {
  it('says its form: each is refused with a NUL in it, and many with less', () => {
    const free = operations().flatMap(([name, { requestBody, parameters, security }]) => {
      const content = Object.entries(object(object(requestBody)['content']));
      const bodies = content.filter(([type]) => type !== 'application/x-ndjson');
      const listed = Array.isArray(parameters) ? parameters.map(object) : [];
      if (security === undefined) return [];
      return [
        ...bodies.flatMap(([type, body]) => freeTexts(object(body)['schema'], `${name} ${type}`)),
        ...listed.flatMap((one) => freeTexts(one['schema'], `${name} ${String(one['name'])}`)),
      ];
    });
    // What is not known of this header is ignored.
    expect(free.filter((place) => !place.endsWith(' prefer'))).toEqual([]);
  });
});

describe('GET /docs', () => {
  it('opens without the internet: page, script and style come from here', async () => {
    const page = await (await app.request('/docs')).text();
    expect(page).not.toMatch(/https?:\/\//);
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBe(4);
    for (const link of links) {
      const response = await app.request(link);
      expect(response.status, link).toBe(200);
      expect((await response.arrayBuffer()).byteLength, link).toBeGreaterThan(50);
    }
  });

  it('serves nothing else of the package', async () => {
    for (const path of [
      '/docs/package.json',
      '/docs/index.html',
      '/docs/..%2fpackage.json',
      '/docs/toString',
    ]) {
      expect((await app.request(path)).status, path).toBe(404);
    }
  });
});

it('health without a single part is 503, and still an answer', async () => {
  const response = await app.request('/health');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'failing',
    parts: { database: 'failing', temporal: 'failing', voice: 'failing' },
    channels: [],
  });
});
