import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLimits } from '../../../domain/imports/limits.ts';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';
import { baseUrl, createPeopleWorld, type PeopleWorld } from '../../support/people.ts';

let api: ApiWorld;
let app: ApiWorld['app'];
let people: PeopleWorld;
let operations: readonly Operation[];
beforeAll(async () => {
  api = await createApiWorld();
  people = createPeopleWorld(api);
  app = api.appWith({
    secrets: createSecretBox(randomBytes(32).toString('base64')),
    people: { signIn: people.signIn, baseUrl },
  });
  const { body: document } = await ask(app, 'GET', '/openapi.json');
  schemas = object(object(document['components'])['schemas']);
  operations = operationsOf(object(document));
});
afterAll(async () => {
  await people.close();
  await api.close();
});

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
let schemas: Json = {};

/** A schema behind its name, and of what may be null the other one. */
function resolved(schema: unknown): Json {
  const { $ref: reference, anyOf } = object(schema);
  if (typeof reference === 'string') return resolved(schemas[reference.replace('#/components/schemas/', '')]);
  const [first] = Array.isArray(anyOf) && object(schema)['properties'] === undefined ? anyOf : [];
  return first === undefined ? object(schema) : resolved(first);
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body: Json | undefined;
  readonly parameters: readonly Json[];
}

function operationsOf(document: Json): readonly Operation[] {
  return Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    Object.entries(object(item)).flatMap(([method, operation]) => {
      const { requestBody, parameters, security } = object(operation);
      if (security === undefined) return [];
      const content = object(object(requestBody)['content']);
      const json = object(content['application/json'])['schema'];
      const list: readonly unknown[] = Array.isArray(parameters) ? parameters : [];
      const body = json === undefined ? undefined : resolved(json);
      return [{ method: method.toUpperCase(), path, body, parameters: list.map(object) }];
    }),
  );
}

const filled = (path: string): string =>
  path
    .replace(/[:{]id\b\}?/, '11111111-1111-4111-8111-111111111111')
    .replace(/[:{]format\b\}?/, 'md')
    .replace(/[:{]order_id\b\}?/, '11111111-1111-4111-8111-111111111111')
    .replace(/[:{]currency\b\}?/, 'CLP')
    .replace(/[:{]kind\b\}?/, 'mercadopago')
    .replace(/[:{]purpose\b\}?/, 'send_payment_link')
    .replace(/:\w+(\{[^/]*\})?|\{\w+\}/g, 'demo');

/** Of every route, what its body may be: files and webhooks of providers have bounds of their own. */
function boundOf(path: string): number {
  if (/^\/api\/(v1\/(imports|payment-files|removal-files)|upload\/excel)$/.test(path))
    return importLimits.maxFileBytes;
  if (/\/webhooks\/retell\//.test(path)) return 10 * 1024 * 1024;
  if (/\/webhooks\/whatsapp\//.test(path)) return 3 * 1024 * 1024;
  return /\/webhooks\/(mercadopago|orders)\//.test(path) ? 256 * 1024 : 64 * 1024;
}

/** Every route that may have a body, as it is served: documented or not. */
const withBody = (): readonly (readonly [method: string, path: string])[] =>
  app.routes.flatMap(({ method, path }) =>
    /^(POST|PUT|PATCH|DELETE)$/.test(method) && path.startsWith('/api/') ? [[method, path] as const] : [],
  );

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** In one piece, or as a stream that says nothing of its length. */
async function send(
  method: string,
  path: string,
  bytes: number,
  { type, streamed }: { readonly type: string; readonly streamed: boolean },
): Promise<Answer> {
  const isFile = type.startsWith('multipart');
  const head = Buffer.from(
    isFile ? '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' : '{}',
  );
  const tail = Buffer.from(isFile ? '\r\n--b--\r\n' : '');
  const filling = Buffer.alloc(isFile ? bytes : bytes - head.length, ' ');
  const whole = Buffer.concat([head, filling, tail]);
  const body = streamed ? new Blob([whole]).stream() : whole;
  const response = await app.request(filled(path), {
    method,
    body,
    headers: {
      authorization: `Bearer ${api.administrator.apiKey}`,
      'content-type': type,
      ...(streamed ? {} : { 'content-length': String(whole.length) }),
    },
    ...(streamed ? { duplex: 'half' } : {}),
  });
  return { status: response.status, text: await response.text() };
}

describe('a body that is one byte over its bound', () => {
  it('is a 413 that names the bound on every route, with its length or without; one that is not is read', async () => {
    const wrong: string[] = [];
    const routes = withBody();
    expect(routes.length).toBeGreaterThan(30);
    for (const [method, path] of routes) {
      const bound = boundOf(path);
      const isFile = bound === importLimits.maxFileBytes;
      const type = isFile ? 'multipart/form-data; boundary=b' : 'application/json';
      for (const streamed of [false, true]) {
        // 50 MB once is enough: the stream is counted by the same lines.
        if (isFile && streamed) continue;
        const over = await send(method, path, bound + 1, { type, streamed });
        const named = isFile ? /50 MB/ : new RegExp(`over ${bound / 1024} KB`);
        if (over.status !== 413 || !named.test(over.text) || !over.text.includes('detail_es'))
          wrong.push(`${method} ${path}: ${over.status} ${over.text.slice(0, 200)}`);
      }
      if (isFile) continue;
      const within = await send(method, path, bound, { type, streamed: false });
      if (within.status === 413 || within.status >= 500)
        wrong.push(`${method} ${path} at its bound: ${within.status} ${within.text.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  }, 240_000);
});

interface Bounded {
  readonly field: string;
  /** A body, one more than the bound in this field, and at the bound. */
  readonly over: unknown;
}

/** What a schema bounds, one over each: texts, lists and numbers, in what is nested as well. */
function boundsOf(schema: Json, path: readonly string[] = []): readonly Bounded[] {
  const { maxLength, maxItems, maximum, properties, items } = schema;
  const field = path.join('.');
  const found: Bounded[] = [];
  if (typeof maxLength === 'number') found.push({ field, over: 'a'.repeat(maxLength + 1) });
  if (typeof maximum === 'number') found.push({ field, over: maximum + 1 });
  if (typeof maxItems === 'number' && maxItems < 5_000)
    found.push({ field, over: Array(maxItems + 1).fill('a') });
  for (const [name, inner] of Object.entries(object(properties)))
    for (const { field: at, over } of boundsOf(resolved(inner), [...path, name]))
      found.push({ field: at, over: { [name]: over } });
  if (items !== undefined)
    for (const { field: at, over } of boundsOf(resolved(items), [...path, '0']))
      found.push({ field: at, over: [over] });
  return found;
}

const namesField = ({ body }: Awaited<ReturnType<typeof ask>>, field: string): boolean =>
  (Array.isArray(body['errors']) ? body['errors'] : []).some((error: unknown) => {
    const named = String(object(error)['field']);
    return named === field || named.startsWith(`${field}.`) || field.startsWith(`${named}.`);
  });

describe('a field that is one over its bound', () => {
  it('of a JSON body is a 400 that names it', async () => {
    const wrong: string[] = [];
    let many = 0;
    for (const { method, path, body } of operations) {
      for (const { field, over } of body === undefined ? [] : boundsOf(body)) {
        many += 1;
        const reply = await ask(app, method, filled(path), { as: api.administrator, json: over });
        if (reply.status !== 400 || !namesField(reply, field))
          wrong.push(
            `${method} ${path} ${field}: ${reply.status} ${JSON.stringify(reply.body).slice(0, 200)}`,
          );
      }
    }
    expect(many).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  }, 120_000);

  it('of a query or a header is a 400 that names it', async () => {
    const wrong: string[] = [];
    let many = 0;
    for (const { method, path, parameters } of operations) {
      for (const { name, in: where, schema } of parameters) {
        const { maxLength, maximum } = resolved(schema);
        const over =
          typeof maxLength === 'number'
            ? 'a'.repeat(maxLength + 1)
            : typeof maximum === 'number'
              ? String(maximum + 1)
              : undefined;
        if (over === undefined || where === 'path') continue;
        many += 1;
        const key = String(name);
        const asked = where === 'query' ? `${filled(path)}?${key}=${over}` : filled(path);
        const reply = await ask(app, method, asked, {
          as: api.administrator,
          ...(method === 'GET' ? {} : { json: {} }),
          ...(where === 'query' ? {} : { headers: { [key]: over } }),
        });
        const said = JSON.stringify(reply.body['errors'] ?? '');
        if (reply.status !== 400 || !said.toLowerCase().includes(key.toLowerCase()))
          wrong.push(`${method} ${path} ${String(where)} ${key}: ${reply.status} ${said.slice(0, 200)}`);
      }
    }
    expect(many).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
  }, 120_000);
});
