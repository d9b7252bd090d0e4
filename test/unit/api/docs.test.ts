import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { successors } from '../../../api/compat/deprecated.ts';
import { routes } from '../../support/routes.ts';
import { createLoneApp } from '../../support/lone-app.ts';
import { recordsIn } from '../../support/records-in.ts';

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
    expect(listed.toSorted()).toEqual(routes.toSorted());
    const served = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
      .filter((name) => !/ \/(docs|openapi\.json)/.test(name))
      // As their providers say it, not as we do: short links, the page behind a payment, WhatsApp's, Mercado Pago's and Stripe's webhooks.
      .filter((name) => !/ \/($|p\/|paid$|api\/v1\/webhooks\/(whatsapp|mercadopago|orders)\/)/.test(name));
    expect(served.filter((name) => !listed.includes(name))).toEqual([]);
  });

  /** Opened by its signature. */
  const heard = 'GET /api/v1/recordings/{id}';

  it('every operation says what it does, who may ask, and what its errors look like', () => {
    for (const [name, operation] of operations()) {
      expect(String(operation['summary']).length, name).toBeGreaterThan(10);
      const isOpen = name.includes('/health') || name.includes('/webhooks/') || name === heard;
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
          /\/(\{format\}|results|excel|\{month\}|\w+\.xlsx)$/.test(name) &&
          !name.startsWith('POST') &&
          status === '200'
        )
          continue;
        if (name === heard && status.startsWith('20')) {
          expect(Object.keys(object(object(response)['content']))).toContain('audio/wav');
          continue;
        }
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
