import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePaymentLink, newCode, referenceOf } from '../../../domain/payments/links.ts';
import { createDebtor, createMessageWorld, type MessageWorld } from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

const phone = { 'user-agent': 'Mozilla/5.0 (Linux; Android 15) Mobile Safari/537.36' };

async function link(changes: { readonly reference?: string } = {}) {
  const made = await makePaymentLink(
    world.actions,
    {
      accountId: world.accountId,
      amountMicros: 5_000_000_000n,
      currency: 'CLP',
      title: 'Pago a Tienda Uno',
      reference: changes.reference ?? `pedido-${randomUUID()}`,
      expiresAtMs: Date.now() + 3_600_000,
      idempotencyKey: randomUUID(),
    },
    AbortSignal.timeout(5_000),
  );
  if (made.kind !== 'made') throw new Error(`no link: ${made.detail}`);
  return made.link;
}

const open = (suffix: string, init: RequestInit = { headers: phone }) =>
  world.app.request(`/${suffix}`, init);

const clicksOf = async (id: string) => {
  const row = await world.inside((trx) =>
    trx.selectFrom('core.payment_link').select('clicks').where('id', '=', id).executeTakeFirstOrThrow(),
  );
  const rows = await world.inside((trx) =>
    trx.selectFrom('operation.link_click').select('id').where('link_id', '=', id).execute(),
  );
  const events = await world.inside((trx) =>
    trx.selectFrom('operation.event').select('type').where('subject', '=', id).execute(),
  );
  return [row.clicks, rows.length, events.map(({ type }) => type)];
};

describe('a short link', () => {
  it('leads to the payment, counts each click and tells of the first, and lies in no cache or referrer', async () => {
    const { id, suffix } = await link();
    for (let click = 0; click < 3; click += 1) {
      const response = await open(suffix);
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toMatch(/pref_id=/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(await clicksOf(id)).toEqual([3, 3, ['link.clicked']]);
  });

  it('is led on but not counted for programs that look ahead', async () => {
    const { id, suffix } = await link();
    const machines = [
      { method: 'HEAD', headers: phone },
      { headers: { 'user-agent': 'WhatsApp/2.24.1 A' } },
      { headers: { 'user-agent': 'facebookexternalhit/1.1' } },
      { headers: { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' } },
      { headers: { ...phone, 'sec-purpose': 'prefetch;prerender' } },
      { headers: {} },
    ];
    for (const init of machines) expect((await open(suffix, init)).status).toBe(302);
    expect(await clicksOf(id)).toEqual([0, 0, []]);
  });

  it('that has expired, was replaced, or is paid says so in Spanish, without whose or how much', async () => {
    const expired = await link();
    await world.api.world.owner
      .updateTable('core.payment_link')
      .set({ expires_at: new Date(0) })
      .where('id', '=', expired.id)
      .execute();
    const gone = await open(expired.suffix);
    expect(gone.status).toBe(410);
    expect(await gone.text()).toContain('ya venció');
    for (const [state, words] of [
      ['replaced', 'ya no está vigente'],
      ['kept', 'ya fue recibido'],
    ] as const) {
      const debtor = await createDebtor(world);
      const { id, suffix } = await link({ reference: referenceOf(debtor.agreementId, 1) });
      await world.inside((trx) =>
        trx
          .updateTable('core.agreement')
          .set({ state, resolved_at: new Date() })
          .where('id', '=', debtor.agreementId)
          .execute(),
      );
      const response = await open(suffix);
      const text = await response.text();
      expect([response.status, text.includes(words)]).toEqual([410, true]);
      expect(text).not.toMatch(/Juana|Tienda|123/);
      expect((await clicksOf(id))[0]).toBe(0);
    }
  });

  it('that nobody made is a 404, and guessing is hopeless', async () => {
    expect((await open(`p/${newCode()}`)).status).toBe(404);
    expect((await open('p/short')).status).toBe(404);
    const codes = Array.from({ length: 2_000 }, newCode);
    expect(new Set(codes).size).toBe(codes.length);
    // 12 of 62 letters: 71 bits.
    expect(codes.every((code) => /^[0-9A-Za-z]{12}$/.test(code))).toBe(true);
    expect(new Set(codes.join('')).size).toBe(62);
  });
});
