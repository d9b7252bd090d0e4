/**
 * Every answer of the fake validates against Retell's public OpenAPI description. The file is not part of the project:
 * skipped where it is absent. It is older than the SDK, so the values that the SDK added are added here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import { DEFAULT_PATTERNS } from '../../../dev/fakes/retell/outcomes.ts';
import { startWebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';
import type { WebhookReceiver } from '../../../dev/fakes/retell/webhook-receiver.ts';

const CONTRACT = resolve(import.meta.dirname, '../../../../shared/contracts/retell-openapi.yaml');
const API_KEY = 'key_of_the_fake';
/** In retell-sdk 5.66.1 and not in the description of April 2026. */
const REASONS_ADDED_LATER = ['manual_stopped', 'call_take_over', 'no_concurrency_fallback'];

function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    current = typeof current === 'object' && current !== null ? Reflect.get(current, name) : undefined;
  }
  return current;
}

function loadContract(): { readonly contract: unknown; readonly ajv: Ajv } {
  const contract: unknown = parse(readFileSync(CONTRACT, 'utf8'));
  const reasons = field(contract, 'components', 'schemas', 'DisconnectionReason', 'enum');
  if (!Array.isArray(reasons)) throw new Error('the contract has no DisconnectionReason');
  reasons.push(...REASONS_ADDED_LATER.filter((reason) => !reasons.includes(reason)));
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return { contract, ajv: ajv.addSchema(Object(contract), 'retell') };
}

describe.skipIf(!existsSync(CONTRACT))('answers against the OpenAPI description', () => {
  let ajv: Ajv;
  let contract: unknown;
  let fake: FakeRetell;
  let receiver: WebhookReceiver;

  beforeAll(async () => {
    ({ ajv, contract } = loadContract());
    receiver = await startWebhookReceiver();
    fake = createFakeRetell({
      apiKey: API_KEY,
      outcomeMode: 'pattern',
      webhookUrl: receiver.url,
      functionUrl: receiver.url,
      ringMs: { min: 1, max: 3 },
      talkMs: { min: 5, max: 10 },
      analysisMs: { min: 1, max: 3 },
      concurrencyLimit: 100,
    });
    await fake.start();
  });
  afterAll(async () => {
    await fake.stop();
    await receiver.close();
  });

  async function request(method: 'GET' | 'POST', path: string, body?: unknown, key = API_KEY) {
    const response = await fetch(`${fake.baseUrl()}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer };
  }

  function dial(toNumber: string) {
    return request('POST', '/v2/create-phone-call', {
      from_number: '+566001234567',
      to_number: toNumber,
      metadata: { attempt_id: toNumber },
      retell_llm_dynamic_variables: { monto: '50.000' },
    });
  }

  /** The schema of one documented answer, e.g. `/get-concurrency`, `get`, `200`. */
  function schemaOf(path: string, method: string, status: number): ValidateFunction {
    const pointer = ['paths', path, method, 'responses', String(status)];
    const ref = field(contract, ...pointer, '$ref');
    const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('/', '~1')));
    const at = typeof ref === 'string' ? ref : `#/${escaped.join('/')}`;
    return compile(`retell${at}/content/application~1json/schema`);
  }

  function compile(ref: string): ValidateFunction {
    const validate = ajv.getSchema(ref);
    if (validate === undefined) throw new Error(`not in the contract: ${ref}`);
    return validate;
  }

  function expectValid(validate: ValidateFunction, value: unknown): void {
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  }

  it.each(Object.keys(DEFAULT_PATTERNS))(
    'a call to …%s is valid when created, when finished, in the list and in its webhooks',
    async (digits) => {
      const created = await dial(`+569612345${digits}`);
      expect(created.status).toBe(201);
      expectValid(schemaOf('/v2/create-phone-call', 'post', 201), created.answer);
      await fake.idle();
      const callId = String(field(created.answer, 'call_id'));
      const retrieved = await request('GET', `/v2/get-call/${callId}`);
      expectValid(schemaOf('/v2/get-call/{call_id}', 'get', 200), retrieved.answer);
      const call = compile('retell#/components/schemas/V2PhoneCallResponse');
      const listed = await request('POST', '/v3/list-calls', {
        filter_criteria: { call_id: { type: 'string', op: 'eq', value: callId } },
      });
      const items = field(listed.answer, 'items');
      expect(items).toHaveLength(1);
      for (const item of Array.isArray(items) ? items : []) expectValid(call, item);
      for (const delivery of receiver.deliveries) {
        if (delivery.callId === callId) expectValid(call, field(JSON.parse(delivery.rawBody), 'call'));
      }
    },
  );

  it('a call that was stopped is valid', async () => {
    fake.addFault({ kind: 'stuck_registered' });
    const callId = String(field((await dial('+56961234500')).answer, 'call_id'));
    await fetch(`${fake.baseUrl()}/v2/stop-call/${callId}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    const { answer } = await request('GET', `/v2/get-call/${callId}`);
    expect(field(answer, 'disconnection_reason')).toBe('manual_stopped');
    expectValid(schemaOf('/v2/get-call/{call_id}', 'get', 200), answer);
  });

  it('the concurrency is valid', async () => {
    const { answer } = await request('GET', '/get-concurrency');
    expectValid(schemaOf('/get-concurrency', 'get', 200), answer);
  });

  it.each([
    [400, 'a wrong body', () => request('POST', '/v2/create-phone-call', {})],
    [401, 'a wrong key', () => request('POST', '/v2/create-phone-call', {}, 'wrong')],
    [402, 'no credit', () => (fake.addFault({ kind: 'no_credit' }), dial('+56961234501'))],
    [429, 'too many', () => (fake.addFault({ kind: 'rate_limited' }), dial('+56961234501'))],
    [500, 'a failure', () => (fake.addFault({ kind: 'error_not_placed' }), dial('+56961234501'))],
  ] as const)('a %i for %s is valid, with a status and a message', async (status, _, ask) => {
    const refused = await ask();
    expect(refused.status).toBe(status);
    expectValid(schemaOf('/v2/create-phone-call', 'post', status), refused.answer);
    // The description requires no field: an empty object would be valid too.
    expect(refused.answer).toMatchObject({ status: 'error', message: expect.stringMatching(/\w/) });
  });

  it('an unknown call is a valid 422', async () => {
    const refused = await request('GET', '/v2/get-call/call_unknown');
    expect(refused.status).toBe(422);
    expectValid(schemaOf('/v2/get-call/{call_id}', 'get', 422), refused.answer);
    expect(refused.answer).toMatchObject({ status: 'error', message: expect.stringMatching(/\w/) });
  });

  it('finds a field of a wrong type, so that it can fail', async () => {
    const { answer } = await dial('+56961234501');
    const validate = compile('retell#/components/schemas/V2PhoneCallResponse');
    expect(validate({ ...Object(answer), agent_version: 'one' })).toBe(false);
    expect(validate({ ...Object(answer), disconnection_reason: 'bored' })).toBe(false);
  });
});
