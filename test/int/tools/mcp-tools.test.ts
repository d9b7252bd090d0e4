import { openSecret, storeSecret } from '../../../domain/accounts/channels.ts';
import { bindSecret } from '../../../domain/accounts/queries-secrets.ts';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { listenOn, type Listening } from '../../../dev/listen.ts';
import { sweepMessagesOnce } from '../../../relay/message-sweeper.ts';
import { ask, type Reply } from '../../support/api.ts';
import {
  createDebtor,
  createMessageWorld,
  type MessageWorld,
  moneyOf,
  sendInput,
} from '../../support/messages.ts';

/** A customer's own MCP server, with tools of its own names and arguments. */
interface OwnServer {
  readonly url: string;
  readonly calls: { readonly tool: string; readonly args: unknown; readonly bearer: string | null }[];
  mode: 'works' | 'says no' | 'hangs' | 'says too much';
  close(): Promise<void>;
}

let world: MessageWorld;
let own: OwnServer;
let serverId: string;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

const api = (method: string, path: string, json?: unknown): Promise<Reply> =>
  ask(world.app, method, path, { as: world.api.one, ...(json === undefined ? {} : { json }) });

async function startOwn(): Promise<OwnServer> {
  const calls: OwnServer['calls'] = [];
  const state: { mode: OwnServer['mode'] } = { mode: 'works' };
  const object = (
    required: readonly string[],
    properties: Parameters<typeof fromJsonSchema>[0]['properties'] & object,
  ) => fromJsonSchema({ type: 'object', properties, required: [...required], additionalProperties: false });
  const handler = createMcpHandler(({ requestInfo }) => {
    const server = new McpServer({ name: 'own', version: '1.0.0' });
    const bearer = requestInfo?.headers.get('authorization') ?? null;
    server.registerTool(
      'cobro',
      { inputSchema: object(['monto', 'glosa'], { monto: { type: 'integer' }, glosa: { type: 'string' } }) },
      (args) => {
        calls.push({ tool: 'cobro', args, bearer });
        return { content: [{ type: 'text', text: '{"payment_url":"https://pago.example/x1","id":"x1"}' }] };
      },
    );
    server.registerTool(
      'avisar',
      {
        inputSchema: object(['fono', 'texto'], {
          fono: { type: 'string', pattern: '^\\+' },
          texto: { type: 'string' },
        }),
      },
      async (args) => {
        calls.push({ tool: 'avisar', args, bearer });
        if (state.mode === 'hangs') await new Promise((resolve) => setTimeout(resolve, 3_000).unref());
        const text =
          state.mode === 'says no'
            ? 'número bloqueado'
            : state.mode === 'says too much'
              ? 'x'.repeat(3 * 1024 * 1024)
              : '{"message_id":"m-1"}';
        return { content: [{ type: 'text', text }], ...(state.mode === 'says no' ? { isError: true } : {}) };
      },
    );
    server.registerTool(
      'sin-fin',
      { inputSchema: object(['fono'], { fono: { type: 'string', pattern: '^(a+)+$' } }) },
      () => ({ content: [] }),
    );
    return server;
  });
  const listening: Listening = await listenOn((request) => handler.fetch(request), 0);
  return Object.assign(state, { url: `${listening.url}/mcp`, calls, close: () => listening.close() });
}

beforeEach(async () => {
  own = await startOwn();
  const name = `own-${Math.random().toString(36).slice(2, 10)}`;
  const secret = `${name}-token`;
  await api('PUT', `/api/v1/secrets/${secret}`, { value: 'secreto del cliente', purpose: 'tool' });
  const added = await api('POST', '/api/v1/mcp-servers', {
    name,
    url: own.url,
    secret,
    timeout_ms: 1_500,
  });
  expect(added.status).toBe(201);
  serverId = String(added.body['id']);
  return async () => {
    await api('DELETE', '/api/v1/tool-bindings/create_payment_link');
    await api('DELETE', '/api/v1/tool-bindings/send_payment_link');
    await own.close();
  };
});

const bind = (purpose: string, tool: string, args: object): Promise<Reply> =>
  api('PUT', `/api/v1/tool-bindings/${purpose}`, { server: serverId, tool, arguments: args });

async function bindBoth(): Promise<void> {
  const cobro = { monto: '{{agreement.amount}}', glosa: 'Cuota {{instalment.number}} a {{link.title}}' };
  const avisar = {
    fono: '{{person.phone}}',
    texto: 'Hola {{person.name}}: {{agreement.amount_text}} en {{link.url}}',
  };
  expect((await bind('create_payment_link', 'cobro', cobro)).status).toBe(200);
  expect((await bind('send_payment_link', 'avisar', avisar)).status).toBe(200);
}

const send = async () => {
  const debtor = await createDebtor(world);
  const input = sendInput(world, debtor);
  return {
    debtor,
    again: () => sendPaymentLink(deps(), input),
    answer: await sendPaymentLink(deps(), input),
  };
};
const deps = () => ({ app: world.api.world.app, actions: world.actions });

describe("an account's own tools", () => {
  it('are listed, bound, called with filled arguments and its secret; the link is behind our short one', async () => {
    const listed = await api('POST', `/api/v1/mcp-servers/${serverId}/test`);
    expect(listed.body).toMatchObject({
      tools: [{ name: 'cobro' }, { name: 'avisar' }, { name: 'sin-fin' }],
    });
    await bindBoth();
    const many = world.whatsApp.sent.length;
    const { answer } = await send();
    expect(answer.kind).toBe('sent');
    expect(world.whatsApp.sent.length).toBe(many);
    const [cobro, avisar] = own.calls;
    expect(cobro).toMatchObject({
      bearer: 'Bearer secreto del cliente',
      args: { monto: 123_450, glosa: expect.stringMatching(/^Cuota 1 a Pago a Tienda/) },
    });
    const text = String(Object(avisar?.args)['texto']);
    const [, link = ''] = /^Hola Juana: \$123\.450 en (http\S+\/p\/[0-9A-Za-z]{12})$/.exec(text) ?? [];
    const followed = await fetch(link, { redirect: 'manual', headers: { 'user-agent': 'Mozilla/5.0' } });
    expect(followed.headers.get('location')).toBe('https://pago.example/x1');
    const rows = JSON.stringify(
      await world.api.world.owner.selectFrom('catalogue.secret').selectAll().execute(),
    );
    expect(rows).not.toContain('secreto del cliente');
  });

  it('that are silent leave an outcome that is unknown: one call, never another, and in the end given back', async () => {
    await bindBoth();
    const before = await moneyOf(world);
    own.mode = 'hangs';
    const { answer, again } = await send();
    expect(answer.kind).toBe('unknown');
    expect(await again()).toEqual(answer);
    expect(own.calls.filter(({ tool }) => tool === 'avisar')).toHaveLength(1);
    expect((await moneyOf(world)).held).toBe(before.held + 50_000n);
    const sweep = (absentMs: number) =>
      sweepMessagesOnce(
        { app: world.api.world.app, system: world.api.world.system },
        { deadSenderMs: 0, absentMs },
      );
    await sweep(8 * 86_400_000);
    expect(await again()).toEqual(answer);
    await sweep(0);
    expect(await moneyOf(world)).toEqual(before);
    expect(await again()).toMatchObject({ kind: 'failed' });
    expect(own.calls.filter(({ tool }) => tool === 'avisar')).toHaveLength(1);
  });

  it('that say no have said no: nothing is charged, and their words are kept', async () => {
    await bindBoth();
    const before = await moneyOf(world);
    own.mode = 'says no';
    const { answer } = await send();
    expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringContaining('número bloqueado') });
    expect(await moneyOf(world)).toEqual(before);
  });

  it('that say more than we keep in memory are read no further: what became of it is unknown', async () => {
    await bindBoth();
    own.mode = 'says too much';
    const { answer, again } = await send();
    expect(answer.kind).toBe('unknown');
    expect(await again()).toEqual(answer);
    const [row] = await world.inside((trx) =>
      trx
        .selectFrom('operation.tool_call')
        .select(['outcome', 'error'])
        .where('tool', '=', 'avisar')
        .orderBy('deadline_at', 'desc')
        .limit(1)
        .execute(),
    );
    expect(row).toMatchObject({ outcome: 'unknown', error: expect.stringContaining('2 MB') });
  });

  it('are refused when they are bound, not in the middle of the night: tool, placeholder, type, address', async () => {
    const wrong = [
      [await bind('send_payment_link', 'nada', {}), 'tool'],
      [await bind('send_payment_link', 'avisar', { fono: '{{person.rut}}', texto: 'x' }), 'arguments'],
      [await bind('send_payment_link', 'avisar', { fono: '{{person.phone}}' }), 'arguments'],
      [await bind('create_payment_link', 'cobro', { monto: 'uno', glosa: 'x' }), 'arguments'],
      [await api('POST', '/api/v1/mcp-servers', { name: 'x1', url: 'http://example.com/mcp' }), 'url'],
      [await api('POST', '/api/v1/mcp-servers', { name: 'x1', url: own.url, secret: 'nope' }), 'secret'],
      [
        await api('PUT', '/api/v1/channels/whatsapp', { settings: {}, secrets: {} }),
        'settings.phone_number_id',
      ],
    ] as const;
    for (const [reply, field] of wrong) {
      expect(reply).toMatchObject({
        status: 422,
        body: { errors: expect.arrayContaining([expect.objectContaining({ field })]) },
      });
    }
    await api('PATCH', `/api/v1/mcp-servers/${serverId}`, { url: 'http://127.0.0.1:1/mcp', secret: null });
    expect(await api('POST', `/api/v1/mcp-servers/${serverId}/test`)).toMatchObject({ status: 422 });
    const foreign = await ask(world.app, 'POST', `/api/v1/mcp-servers/${serverId}/test`, {
      as: world.api.other,
    });
    expect(foreign.status).toBe(404);
  });

  it('with a pattern that never ends stop nobody: others are answered first, and the binding is refused', async () => {
    const order: string[] = [];
    const hostile = bind('send_payment_link', 'sin-fin', { fono: `${'a'.repeat(60)}!` }).then((reply) => {
      order.push('hostile');
      return reply;
    });
    for (let i = 0; i < 20; i += 1) expect((await api('GET', '/health/live')).status).toBe(200);
    expect((await ask(world.app, 'GET', '/api/v1/mcp-servers', { as: world.api.other })).status).toBe(200);
    order.push('other');
    expect(await hostile).toMatchObject({
      status: 422,
      body: { type: 'urn:tandas:problem:schema_too_slow', errors: [{ field: 'tool' }] },
    });
    expect(order).toEqual(['other', 'hostile']);
  });

  it('are shown a secret that was stored for them and their host, and no other', async () => {
    const asked = (change: object): Promise<Reply> => api('PATCH', `/api/v1/mcp-servers/${serverId}`, change);
    const listener = await startOwn();
    const refused = async (reply: Promise<Reply>, code: string, field: string): Promise<void> =>
      expect(await reply).toMatchObject({
        status: 422,
        body: { type: `urn:tandas:problem:${code}`, errors: [expect.objectContaining({ field })] },
      });
    // A channel's secret, to an address that reads it; the tool's own, to another host, by URL, by name and by a new server.
    await refused(asked({ secret: 'nadie_la_guardo' }), 'secret_unknown', 'secret');
    await refused(asked({ secret: 'wa_access' }), 'secret_of_other_purpose', 'secret');
    await refused(asked({ url: listener.url }), 'secret_of_other_host', 'secret');
    const { body } = await api('GET', '/api/v1/mcp-servers');
    const servers = Array.isArray(body['servers']) ? body['servers'] : [];
    const [mine] = servers.filter((server: unknown) => Object(server)['id'] === serverId);
    const secret = String(Object(mine)['secret']);
    expect(Object(mine)['url']).toBe(own.url);
    await refused(
      api('POST', '/api/v1/mcp-servers', { name: 'lector', url: listener.url, secret }),
      'secret_of_other_host',
      'secret',
    );
    // Its value again under its own name keeps it where it is; a channel cannot be given it either.
    await api('PUT', `/api/v1/secrets/${secret}`, { value: 'otro secreto', purpose: 'tool' });
    await refused(asked({ url: listener.url }), 'secret_of_other_host', 'secret');
    await refused(
      api('PUT', '/api/v1/channels/mercadopago', {
        secrets: { access_token: secret, webhook_secret: 'mp_webhook' },
      }),
      'channel_incomplete',
      'secrets.access_token',
    );
    // A secret of its own for the new host moves the server.
    await api('PUT', `/api/v1/secrets/${secret}-2`, { value: 'secreto nuevo', purpose: 'tool' });
    expect((await asked({ url: listener.url, secret: `${secret}-2` })).status).toBe(200);
    serverId = String(Object(mine)['id']);
    await bind('create_payment_link', 'cobro', { monto: '{{agreement.amount}}', glosa: 'x' });
    await send();
    expect(listener.calls).toMatchObject([{ tool: 'cobro', bearer: 'Bearer secreto nuevo' }]);
    await refused(
      api('POST', '/api/v1/mcp-servers', { name: 'bundled-links', url: own.url }),
      'name_reserved',
      'name',
    );
    await refused(api('PUT', '/api/v1/secrets/bundled-token', { value: 'x' }), 'name_reserved', 'name');
    await listener.close();
  });

  it('find a secret under its own host alone, and one that was meant for something else in between under none', async () => {
    const [mine, other] = ['https://uno.invalid', 'https://dos.invalid'];
    const { accountId, secrets } = world;
    const put = (purpose: 'tool' | 'channel') =>
      world.inside((trx) =>
        storeSecret(trx, secrets, { accountId, actor: 'test' }, { name: 'anfitrion', value: 'v', purpose }),
      );
    const opened = (origin: string) =>
      world.inside((trx) => openSecret(trx, secrets, accountId, 'anfitrion', { purpose: 'tool', origin }));
    const bind = (origin: string) => world.inside((trx) => bindSecret(trx, accountId, 'anfitrion', origin));
    await put('tool');
    expect(await bind(mine)).toBe(true);
    expect([await opened(mine), await opened(other), await bind(other)]).toEqual(['v', undefined, false]);
    await put('channel');
    await put('tool');
    expect([await opened(mine), await bind(other)]).toEqual([undefined, true]);
  });

  it('of a disabled server are not called, and the reason is kept', async () => {
    await bindBoth();
    await api('PATCH', `/api/v1/mcp-servers/${serverId}`, { enabled: false });
    const { answer } = await send();
    expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringContaining('disabled') });
    expect(own.calls).toEqual([]);
  });

  it('leave their secrets where nobody reads them: names only', async () => {
    const { body } = await api('GET', '/api/v1/secrets');
    expect(JSON.stringify(body)).toContain('own-');
    expect(JSON.stringify(body)).not.toMatch(/secreto|sealed|v1\./);
  });
});
