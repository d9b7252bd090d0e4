import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  debtorsForm,
  type Reply,
  uploadDebtors,
} from '../../support/api.ts';

let api: ApiWorld;
let app: ApiWorld['app'];
beforeAll(async () => {
  api = await createApiWorld();
  app = api.appWith({
    secrets: createSecretBox(randomBytes(32).toString('base64')),
    targets: { allowPrivate: true },
  });
});
afterAll(() => api.close());

const nul = 'a\0b';
const half = 'a\ud800b';

function refusedWith(reply: Reply, field: string): void {
  expect(reply, field).toMatchObject({
    status: expect.toSatisfy((status: number) => status === 400 || status === 422),
    type: 'application/problem+json',
    body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
  });
}

describe('what cannot be stored', () => {
  it('is refused with the field that holds it, in bodies, queries and paths', async () => {
    const importId = await uploadDebtors(api, 'bounds', 1);
    const rehearsal = { import_id: importId, pack: 'demo' };
    const server = '0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11';
    const channel = { phone_number_id: '1', template: 'x', language: 'es' };
    const cases: readonly (readonly [method: string, path: string, json: unknown, field: string])[] = [
      ['POST', '/api/v1/rehearsals', { ...rehearsal, pack: nul }, 'pack'],
      ['POST', '/api/v1/rehearsals', { ...rehearsal, policy: nul }, 'policy'],
      ['POST', '/api/v1/rehearsals', { ...rehearsal, pool: nul }, 'pool'],
      ['POST', '/api/v1/rehearsals', { ...rehearsal, negotiation: half }, 'negotiation'],
      ['POST', '/api/v1/rehearsals', { ...rehearsal, start: '9999-12-31' }, 'start'],
      ['POST', '/api/v1/batches', { import_id: importId, name: 'x', pack: half }, 'pack'],
      [
        'PUT',
        '/api/v1/channels/whatsapp',
        { settings: { ...channel, template: nul }, secrets: {} },
        'settings.template',
      ],
      [
        'PUT',
        '/api/v1/channels/whatsapp',
        { settings: { ...channel, 'x\0': 'x' }, secrets: {} },
        'settings.x',
      ],
      [
        'PUT',
        '/api/v1/tool-bindings/create_payment_link',
        { server, tool: 'cobro', arguments: { glosa: [{ de: half }] } },
        'arguments.glosa.0.de',
      ],
      ['PUT', '/api/v1/tool-bindings/create_payment_link', { server, tool: nul, arguments: {} }, 'tool'],
      ['PUT', '/api/v1/secrets/uno', { value: half }, 'value'],
      ['PUT', '/api/v1/secrets/inbound_webhook', { value: 'no es base64' }, 'value'],
      ['PUT', '/api/v1/secrets/inbound_webhook', { value: 'whsec_AAAA' }, 'value'],
      ['POST', '/api/v1/explain', { pack: 'cl-collection-strict', at: '+275760-09-13T00:00' }, 'at'],
      ['POST', '/api/v1/explain', { pack: 'cl-collection-strict', at: '9999-12-31T00:00' }, 'at'],
      ['POST', '/api/v1/explain', { pack: 'cl-collection-strict', region: half }, 'region'],
      ['GET', '/api/v1/do-not-contact?after=%00', undefined, 'query.after'],
    ];
    for (const [method, path, json, field] of cases) {
      refusedWith(await ask(app, method, path, { as: api.one, json }), field);
    }
  });

  it('is refused where it is nested so deeply that reading it would end a stack', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const text = `{"server":"0b9f5b54-6f0e-4d1c-9a51-2f6d1f0a7c11","tool":"x","arguments":{"a":${deep}}}`;
    const reply = await ask(app, 'PUT', '/api/v1/tool-bindings/create_payment_link', {
      as: api.one,
      text,
      headers: { 'content-type': 'application/json' },
    });
    expect(reply).toMatchObject({ status: 400, body: { type: 'urn:tandas:problem:too_deep' } });
  });

  it('of a file name is left out, and the file is taken', async () => {
    const form = debtorsForm(1, 'named');
    const file = form.get('file');
    if (!(file instanceof File)) throw new Error('the form has no file');
    form.set('file', new File([file], 'cart\0era.csv'));
    expect((await ask(app, 'POST', '/api/v1/imports', { as: api.one, form })).status).toBe(201);
  });
});

describe('an inbound webhook', () => {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const path = (): string => `/api/v1/webhooks/inbound/${api.one.accountId}`;
  const post = (text: string, changes: Readonly<Record<string, string>> = {}): Promise<Reply> => {
    const at = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': 'one',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(changes['webhook-id'] ?? 'one', at, text),
      ...changes,
    };
    return ask(app, 'POST', path(), { text, headers });
  };

  it('is read up to its bound, signed or not, and its headers up to theirs', async () => {
    const stored = await ask(app, 'PUT', '/api/v1/secrets/inbound_webhook', {
      as: api.one,
      json: { value: secret },
    });
    expect(stored.status).toBe(204);
    const bound = 64 * 1024;
    const most = `{"type":"x","pad":"${'ñ'.repeat((bound - 21) / 2)}"}`;
    expect(Buffer.byteLength(most)).toBeLessThanOrEqual(bound);
    expect((await post(most)).status).toBe(400);
    expect(await post(`${most}  `)).toMatchObject({ status: 413 });
    refusedWith(await post('{}', { 'webhook-id': 'a'.repeat(12_000) }), 'header.webhook-id');
    refusedWith(await post('{}', { 'webhook-id': 'ñ' }), 'header.webhook-id');
    refusedWith(await post('{}', { 'webhook-signature': 'v1,'.repeat(1_000) }), 'header.webhook-signature');
    refusedWith(await post('{}', { 'webhook-timestamp': '1'.repeat(21) }), 'header.webhook-timestamp');
    expect((await post('{}', { 'webhook-id': '' })).status).toBe(401);
    const said = JSON.stringify({ type: 'person.stopped', data: { national_id: half, reason: 'legal' } });
    refusedWith(await post(said), 'data.national_id');
  });
});
