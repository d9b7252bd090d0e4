import { randomUUID } from 'node:crypto';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool, listTools, type ToolServer } from '../../../domain/tools/mcp-client.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { listenOn } from '../../../dev/listen.ts';
import { createDebtor, createMessageWorld, type MessageWorld, sendInput } from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

type Mode = 'auto' | 'legacy';

async function withClient<T>(mode: Mode, token: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ name: 'official', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(world.mcpUrl), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

const wanted = () => ({
  amount: '123450',
  currency: 'CLP',
  title: 'Pago a Tienda Uno',
  reference: `pedido-${randomUUID()}`,
  expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  idempotency_key: randomUUID(),
});

describe('the bundled MCP server', () => {
  it.each(['auto', 'legacy'] as const)(
    "has its tools listed and called by the official SDK's client, of the %s protocol",
    async (mode) => {
      await withClient(mode, world.mcpToken, async (client) => {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).toEqual(['create_payment_link', 'send_payment_link']);
        expect(tools[0]?.inputSchema).toMatchObject({
          required: expect.arrayContaining(['amount', 'currency', 'idempotency_key']),
        });
        const args = wanted();
        const first = await client.callTool({ name: 'create_payment_link', arguments: args });
        expect(first.isError).toBeUndefined();
        expect(first.structuredContent).toMatchObject({
          outcome: 'made',
          url: expect.stringMatching(/\/p\/[0-9A-Za-z]{12}$/),
        });
        const many = world.mercadoPago.preferences.length;
        const again = await client.callTool({ name: 'create_payment_link', arguments: args });
        expect(again.structuredContent).toEqual(first.structuredContent);
        expect(world.mercadoPago.preferences.length).toBe(many);
        const other = { ...args, amount: 1 };
        const reused = await client.callTool({ name: 'create_payment_link', arguments: other });
        expect(reused).toMatchObject({ isError: true, structuredContent: { outcome: 'refused' } });
      });
    },
  );

  it('makes the link once also when the first answer was lost on the way', async () => {
    await withClient('auto', world.mcpToken, async (client) => {
      const args = wanted();
      world.mercadoPago.addFault('accept_then_500');
      const lost = await client.callTool({ name: 'create_payment_link', arguments: args });
      expect(lost.structuredContent).toMatchObject({ outcome: 'unknown' });
      const made = await client.callTool({ name: 'create_payment_link', arguments: args });
      expect(made.structuredContent).toMatchObject({ outcome: 'made' });
      const mine = world.mercadoPago.preferences.filter((one) => one.external_reference === args.reference);
      expect(mine).toHaveLength(1);
    });
  });

  it('refuses whoever has no token of it, and an API key is none', async () => {
    for (const token of ['wrong', world.api.one.apiKey]) {
      await expect(withClient('auto', token, (client) => client.listTools())).rejects.toThrow();
    }
    const bare = await fetch(world.mcpUrl, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(401);
  });

  it('sends no message that did not pass the gate, whoever asks', async () => {
    const many = world.whatsApp.sent.length;
    const call = (args: object) =>
      withClient('auto', world.mcpToken, (client) =>
        client.callTool({
          name: 'send_payment_link',
          arguments: {
            to: '+56961234567',
            name: 'Juana',
            creditor: 'Tienda Uno',
            amount: '$1',
            due_date: '12 de marzo',
            link: 'p/abc',
            idempotency_key: randomUUID(),
            ...args,
          },
        }),
      );
    const refused = { isError: true, structuredContent: { outcome: 'refused', code: 'not_cleared' } };
    expect(await call({})).toMatchObject(refused);
    const debtor = await createDebtor(world);
    const answer = await sendPaymentLink(
      { app: world.api.world.app, actions: world.actions },
      sendInput(world, debtor),
    );
    if (answer.kind !== 'sent') throw new Error(`it was not sent: ${answer.kind}`);
    expect(world.whatsApp.sent.length).toBe(many + 1);
    // A message that was sent is not sent again with other words, and not to another number.
    const key = { idempotency_key: answer.messageId };
    expect(await call(key)).toMatchObject({
      isError: true,
      structuredContent: { code: 'idempotency_key_reused' },
    });
    expect(world.whatsApp.sent.length).toBe(many + 1);
  });

  it('of one account knows nothing of another: its keys, links and messages are its own', async () => {
    const args = wanted();
    await withClient('auto', world.mcpToken, (client) =>
      client.callTool({ name: 'create_payment_link', arguments: args }),
    );
    const { accountId } = world.api.other;
    const rows = await world.api.world.app.transaction().execute(async (trx) => {
      const { sql } = await import('kysely');
      await sql`select set_config('app.account_id', ${accountId}, true)`.execute(trx);
      return trx.selectFrom('core.payment_link').select('id').execute();
    });
    expect(rows).toEqual([]);
  });
});

describe('calling a tool', () => {
  const server = (changes: Partial<ToolServer> = {}): ToolServer => ({
    url: world.mcpUrl,
    bearer: world.mcpToken,
    fetch,
    ...changes,
  });
  const request = (ms = 5_000) => ({
    tool: 'create_payment_link',
    arguments: wanted(),
    idempotencyKey: 'key',
    signal: AbortSignal.timeout(ms),
  });

  it('is done, refused by the tool, or never left; and lists what there is', async () => {
    expect((await callTool(server(), request())).kind).toBe('done');
    expect((await listTools(server(), AbortSignal.timeout(5_000))).map(({ name }) => name)).toContain(
      'send_payment_link',
    );
    expect((await callTool(server(), { ...request(), arguments: { amount: -1 } })).kind).not.toBe('done');
    expect((await callTool(server(), { ...request(), tool: 'no_such_tool' })).kind).not.toBe('unknown');
    expect(await callTool(server({ bearer: 'wrong' }), request())).toMatchObject({ kind: 'failed' });
    expect(await callTool(server({ url: 'http://127.0.0.1:1/mcp' }), request())).toMatchObject({
      kind: 'failed',
    });
  });

  it('is called once also where the SDK would ask again, after a mismatch of headers', async () => {
    const calls: string[] = [];
    const proxy = await listenOn(async (incoming) => {
      const body = await incoming.text();
      if (!body.includes('"tools/call"')) {
        return fetch(world.mcpUrl, {
          method: incoming.method,
          headers: incoming.headers,
          ...(incoming.method === 'POST' ? { body } : {}),
        });
      }
      calls.push(body);
      const { id } = JSON.parse(body) as { id: unknown };
      return Response.json({ jsonrpc: '2.0', id, error: { code: -32_020, message: 'header mismatch' } });
    }, 0);
    const answer = await callTool(server({ url: `${proxy.url}/mcp` }), request());
    await proxy.close();
    expect([answer.kind, calls.length]).toEqual(['unknown', 1]);
  });

  it('that leaves and is not answered, by silence, error or a cut, is unknown, and is called once', async () => {
    for (const fault of ['hang', 'error', 'cut'] as const) {
      const calls: string[] = [];
      const proxy = await listenOn(async (incoming) => {
        const body = await incoming.text();
        const forwarded = await fetch(world.mcpUrl, {
          method: incoming.method,
          headers: incoming.headers,
          ...(incoming.method === 'POST' ? { body } : {}),
        });
        if (!body.includes('"tools/call"')) return forwarded;
        calls.push(body);
        await forwarded.text();
        if (fault === 'hang') await new Promise((resolve) => setTimeout(resolve, 4_000).unref());
        if (fault === 'cut') {
          return new Response(
            new ReadableStream({ start: (stream) => stream.error(new Error('the line was cut')) }),
            { headers: { 'content-type': 'application/json' } },
          );
        }
        return new Response('upstream', { status: 502 });
      }, 0);
      const answer = await callTool(server({ url: `${proxy.url}/mcp` }), request(1_500));
      await proxy.close();
      expect([fault, answer.kind, calls.length]).toEqual([fault, 'unknown', 1]);
    }
  });
});
