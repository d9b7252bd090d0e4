import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldWords } from '../../../domain/shared/rules/field-words.ts';
import { type ApiWorld, ask, createApiWorld, type Reply } from '../../support/api.ts';

let api: ApiWorld;
let bodies: readonly Body[];
beforeAll(async () => {
  api = await createApiWorld();
  const { body: document } = await ask(api.app, 'GET', '/openapi.json');
  bodies = bodiesOf(object(document));
});
afterAll(() => api.close());

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

interface Body {
  readonly method: string;
  readonly path: string;
  readonly properties: Json;
  readonly required: readonly string[];
}

/** Every JSON body that an API key sends, as the OpenAPI tells it. */
function bodiesOf(document: Json): readonly Body[] {
  const schemas = object(object(document['components'])['schemas']);
  return Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    Object.entries(object(item)).flatMap(([method, operation]) => {
      const body = object(object(object(object(operation)['requestBody'])['content'])['application/json']);
      const said = object(body['schema']);
      const { $ref: reference } = said;
      const name = typeof reference === 'string' ? reference.replace('#/components/schemas/', '') : '';
      const schema = name === '' ? said : object(schemas[name]);
      if (object(operation)['security'] === undefined || schema['properties'] === undefined) return [];
      const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
      return [{ method: method.toUpperCase(), path, properties: object(schema['properties']), required }];
    }),
  );
}

function send({ method, path }: Body, json: unknown): Promise<Reply> {
  const filled = path
    .replace('{id}', '11111111-1111-4111-8111-111111111111')
    .replace('{order_id}', '11111111-1111-4111-8111-111111111111')
    .replace('{currency}', 'CLP')
    .replace('{kind}', 'mercadopago')
    .replace('{purpose}', 'send_payment_link')
    .replace(/\{\w+\}/g, 'demo');
  return ask(api.app, method, filled, { as: api.administrator, json });
}

interface Told {
  readonly field: string;
  readonly message: string;
  readonly message_es: string;
}
const told = ({ body }: Reply): readonly Told[] =>
  (Array.isArray(body['errors']) ? body['errors'] : []).map((error) => {
    const { field, message, message_es } = object(error);
    return { field: String(field), message: String(message), message_es: String(message_es) };
  });

/** What our words may look like: the text of each code, with anything in its gaps. */
const ours = (language: 'en' | 'es'): readonly RegExp[] =>
  Object.values(fieldWords).map((words) => {
    const parts = words[language]
      .split(/\{\w+\}/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`);
  });
const isOurs = ({ message, message_es: es }: Told): boolean =>
  ours('en').some((words) => words.test(message)) && ours('es').some((words) => words.test(es));

describe('every JSON body', () => {
  it('without a field that is needed is a 400 that names it, in our words and both languages', async () => {
    const wrong: string[] = [];
    for (const body of bodies) {
      const errors = told(await send(body, {}));
      for (const field of body.required) {
        const error = errors.find((one) => one.field === field);
        if (error === undefined || !isOurs(error) || !error.message_es.startsWith('Falta')) {
          wrong.push(`${body.method} ${body.path} ${field}: ${JSON.stringify(error)}`);
        }
      }
    }
    expect(bodies.length).toBeGreaterThan(15);
    expect(wrong).toEqual([]);
  });

  it('with a field of another type, or one that nobody knows, says what it may be', async () => {
    const wrong: string[] = [];
    for (const body of bodies) {
      for (const field of [...Object.keys(body.properties), 'nadie_lo_conoce']) {
        for (const value of [42.5, ['x'], { x: { y: 1 } }]) {
          const reply = await send(body, { [field]: value });
          // A problem of its own has its words in the catalogue.
          const error = told(reply).find(({ field: named }) => `${named}.`.startsWith(`${field}.`));
          // Some values are of its type; no other error of it may be a library's.
          if (error !== undefined && !isOurs(error) && error.message !== reply.body['detail'])
            wrong.push(`${body.path} ${field}: ${JSON.stringify(error)}`);
          if (error === undefined && field === 'nadie_lo_conoce') wrong.push(`${body.path} takes ${field}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('takes a null for a field that is not told', async () => {
    const wrong: string[] = [];
    for (const body of bodies) {
      for (const field of Object.keys(body.properties)) {
        if (body.required.includes(field)) continue;
        const errors = told(await send(body, { [field]: null }));
        if (errors.some((error) => error.field === field)) wrong.push(`${body.method} ${body.path} ${field}`);
        if (!JSON.stringify(body.properties[field]).includes('null'))
          wrong.push(`${body.path} hides it: ${field}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('a query', () => {
  it('with a parameter that nobody reads is a 400 that names it and those that there are', async () => {
    const reply = await ask(api.app, 'GET', '/api/v1/contacts?national-id=1&limit=1', { as: api.one });
    expect(reply).toMatchObject({ status: 400, body: { errors: [{ field: 'query.national-id' }] } });
    expect(told(reply)[0]?.message_es).toContain('national_id');
    expect(await ask(api.app, 'GET', '/api/v1/holidays?x=1', { as: api.one })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'query.x', message: fieldWords.no_parameters.en }] },
    });
    expect((await ask(api.app, 'GET', '/api/v1/contacts?limit=1', { as: api.one })).status).toBe(200);
  });

  it('is asked about the key first: who may not look is told nothing of parameters', async () => {
    expect((await ask(api.app, 'GET', '/api/v1/contacts?x=1')).status).toBe(401);
  });
});
