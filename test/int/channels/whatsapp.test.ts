import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { signAsMeta } from '../../../channels/whatsapp/webhook.ts';
import {
  appSecret,
  createDebtor,
  createMessageWorld,
  type MessageWorld,
  sendInput,
  verifyToken,
} from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

const path = () => `/api/v1/webhooks/whatsapp/${world.accountId}`;

async function message(): Promise<{ readonly id: string; readonly wamid: string }> {
  const debtor = await createDebtor(world);
  const answer = await sendPaymentLink(
    { app: world.api.world.app, actions: world.actions },
    sendInput(world, debtor),
  );
  if (answer.kind !== 'sent') throw new Error(`it was not sent: ${JSON.stringify(answer)}`);
  return { id: answer.messageId, wamid: world.whatsApp.sent.at(-1)?.wamid ?? '' };
}

const stateOf = async (messageId: string) => {
  const row = await world.inside((trx) =>
    trx
      .selectFrom('operation.message_state')
      .select(['state', 'failure', 'failure_class'])
      .where('message_id', '=', messageId)
      .executeTakeFirstOrThrow(),
  );
  return row;
};

const newsOf = async (messageId: string) => {
  const rows = await world.inside((trx) =>
    trx
      .selectFrom('operation.event')
      .select('type')
      .where('subject', '=', messageId)
      .orderBy('created_at')
      .execute(),
  );
  return rows.map(({ type }) => type.replace('message.', ''));
};

describe("WhatsApp's webhooks", () => {
  const t = 1_800_000_000_000;
  it.each([
    ['in order', ['sent', 'delivered', 'read'], 'read', ['sent', 'delivered', 'read']],
    ['out of order', ['read', 'delivered', 'sent'], 'read', ['sent', 'read']],
    ['repeated', ['sent', 'sent', 'delivered', 'delivered', 'sent'], 'delivered', ['sent', 'delivered']],
    ['failed after sent', ['sent', 'failed'], 'failed', ['sent', 'failed']],
    ['sent after failed', ['failed', 'sent'], 'failed', ['sent', 'failed']],
    ['delivered after failed', ['sent', 'failed', 'delivered'], 'delivered', ['sent', 'failed', 'delivered']],
    ['read without delivered', ['sent', 'read'], 'read', ['sent', 'read']],
  ] as const)('%s leave the right state, told once', async (_name, statuses, state, news) => {
    const { id, wamid } = await message();
    for (const [index, status] of statuses.entries()) {
      const errorCode = status === 'failed' ? { errorCode: 131049 } : {};
      expect(await world.whatsApp.report(wamid, [{ status, atMs: t + index, ...errorCode }])).toBe(200);
    }
    // And all of it once more, as Meta does when it was not answered.
    await world.whatsApp.report(
      wamid,
      statuses.map((status, index) => ({ status, atMs: t + index })),
    );
    expect((await stateOf(id)).state).toBe(state);
    expect(await newsOf(id)).toEqual(news);
    if (state === 'failed')
      expect(await stateOf(id)).toMatchObject({ failure: '131049', failure_class: 'tomorrow' });
  });

  it('at the same moment from two connections are one', async () => {
    const { id, wamid } = await message();
    const twice = [1, 2].map(() => world.whatsApp.report(wamid, [{ status: 'read', atMs: t }]));
    expect(await Promise.all(twice)).toEqual([200, 200]);
    expect(await newsOf(id)).toEqual(['sent', 'read']);
  });

  it('without signature, with a wrong one, or for another account are refused and leave nothing', async () => {
    const { id, wamid } = await message();
    const body = JSON.stringify({
      entry: [
        { changes: [{ value: { statuses: [{ id: wamid, status: 'read', timestamp: '1800000000' }] } }] },
      ],
    });
    const post = (to: string, headers: Record<string, string>) =>
      world.app.request(to, { method: 'POST', body, headers });
    const right = { 'x-hub-signature-256': signAsMeta(body, appSecret) };
    expect((await post(path(), {})).status).toBe(401);
    expect((await post(path(), { 'x-hub-signature-256': signAsMeta(`${body} `, appSecret) })).status).toBe(
      401,
    );
    const other = `/api/v1/webhooks/whatsapp/${world.api.other.accountId}`;
    expect((await post(other, right)).status).toBe(404);
    expect((await stateOf(id)).state).toBe('accepted');
    expect((await post(path(), right)).status).toBe(200);
    expect((await stateOf(id)).state).toBe('read');
  });

  it('are set up by the handshake that Meta documents', async () => {
    const ask = (token: string) =>
      world.app.request(`${path()}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${token}`);
    const good = await ask(verifyToken);
    expect([good.status, await good.text()]).toEqual([200, '1158201444']);
    for (const wrong of ['wrong', '', `${verifyToken}x`, verifyToken.slice(1)])
      expect((await ask(wrong)).status).toBe(403);
  });

  it('about messages of nobody are stored and answered', async () => {
    const body = JSON.stringify({
      entry: [
        { changes: [{ value: { statuses: [{ id: 'wamid.X', status: 'read', timestamp: '1800000000' }] } }] },
      ],
    });
    const headers = { 'x-hub-signature-256': signAsMeta(body, appSecret) };
    expect((await world.app.request(path(), { method: 'POST', body, headers })).status).toBe(200);
    const raw = await world.inside((trx) =>
      trx
        .selectFrom('operation.provider_event')
        .select('event')
        .where('provider_call_id', '=', 'wamid.X')
        .execute(),
    );
    expect(raw).toEqual([{ event: 'read' }]);
  });
});
