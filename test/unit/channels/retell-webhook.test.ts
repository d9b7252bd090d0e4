/** The door for webhooks: only what the provider signed, now, and as it was signed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Retell } from 'retell-sdk';
import { symmetric } from 'retell-sdk/lib/webhook_auth';
import { refuseSignature, verifyRetellWebhook } from '../../../channels/retell/webhook.ts';
import type { VerifiedWebhook } from '../../../domain/calls/voice-port.ts';

const KEY = 'key_of_the_webhooks';
const MINUTE_MS = 60_000;

function bodyOf(
  event: string,
  call: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): string {
  return JSON.stringify({ event, call: { call_id: 'call_1', ...call }, ...more });
}

async function signed(rawBody: string): Promise<VerifiedWebhook> {
  const verdict = await verifyRetellWebhook(rawBody, await Retell.sign(rawBody, KEY), KEY);
  if (!verdict.ok) throw new Error(verdict.refusal);
  return verdict.webhook;
}

async function refusalOf(rawBody: string, signature: string | undefined, nowMs?: number): Promise<string> {
  const verdict = await verifyRetellWebhook(rawBody, signature, KEY, nowMs);
  return verdict.ok ? 'accepted' : verdict.refusal;
}

describe('signature', () => {
  const body = bodyOf('call_ended', { disconnection_reason: 'user_hangup' });

  it('of the official SDK is accepted', async () => {
    expect(await refusalOf(body, await Retell.sign(body, KEY))).toBe('accepted');
  });

  it.each([undefined, ''])('missing (%j) is unsigned', async (signature) => {
    expect(await refusalOf(body, signature)).toBe('unsigned');
  });

  it('with no key on our side nothing is accepted, even what an empty key signed', async () => {
    const key = 'x';
    const verdict = await verifyRetellWebhook(body, await Retell.sign(body, key), '');
    expect(verdict).toEqual({ ok: false, refusal: 'unsigned' });
  });

  it.each(['v=1,d=ab', 'nonsense', `v=1e3,d=${'a'.repeat(64)}`, `v=${'9'.repeat(20)},d=${'a'.repeat(64)}`])(
    'of a wrong form (%s) is forged',
    async (signature) => {
      expect(await refusalOf(body, signature)).toBe('forged');
    },
  );

  it('with another key is forged: a foreign workspace', async () => {
    expect(await refusalOf(body, await Retell.sign(body, 'key_of_another'))).toBe('forged');
  });

  it('does not cover a changed body: one byte, or the same JSON written again', async () => {
    const signature = await Retell.sign(body, KEY);
    expect(await refusalOf(body.replace('call_1', 'call_2'), signature)).toBe('forged');
    const spaced = JSON.stringify(JSON.parse(body), null, 1);
    expect(await refusalOf(spaced, signature)).toBe('forged');
  });

  it('with its instant moved is forged', async () => {
    const [, digest] = (await Retell.sign(body, KEY)).split(',');
    expect(await refusalOf(body, `v=${String(Date.now() + 1000)},${digest ?? ''}`)).toBe('forged');
  });

  it('is stale when older than five minutes, and when it comes from the future', async () => {
    const nowMs = 1_795_264_800_000;
    for (const [ageMs, expected] of [
      [0, 'accepted'],
      [5 * MINUTE_MS, 'accepted'],
      [5 * MINUTE_MS + 1, 'stale'],
      [-5 * MINUTE_MS - 1, 'stale'],
    ] as const) {
      const signature = await symmetric.sign(body, KEY, nowMs - ageMs);
      expect(await refusalOf(body, signature, nowMs)).toBe(expected);
    }
  });

  it('that is old and wrong is forged, not stale', async () => {
    const signature = await symmetric.sign(body, 'key_of_another', Date.now() - 60 * MINUTE_MS);
    expect(await refusalOf(body, signature)).toBe('forged');
  });

  it('is judged as Retell.verify judges it', async () => {
    const candidates = [
      await Retell.sign(body, KEY),
      await Retell.sign(body, 'key_of_another'),
      await symmetric.sign(body, KEY, Date.now() - 4 * MINUTE_MS),
      await symmetric.sign(body, KEY, Date.now() - 6 * MINUTE_MS),
      (await Retell.sign(body, KEY)).toUpperCase().replace('V=', 'v=').replace('D=', 'd='),
      'nonsense',
    ];
    for (const signature of candidates) {
      const accepted = (await refuseSignature(body, signature, KEY)) === undefined;
      expect(accepted).toBe(await Retell.verify(body, KEY, signature));
    }
  });

  it('covers letters beyond ASCII', async () => {
    const spanish = bodyOf('call_ended', { transcript: 'Sí, mañana pagaré — ¿está bien? 😀' });
    expect(await refusalOf(spanish, await Retell.sign(spanish, KEY))).toBe('accepted');
  });
});

describe('a body that is signed and makes no sense', () => {
  it.each([
    '',
    'null',
    '[]',
    '{',
    '"call_ended"',
    '{"event":"call_ended"}',
    '{"event":7,"call":{"call_id":"c"}}',
  ])('is malformed: %s', async (body) => {
    expect(await refusalOf(body, await Retell.sign(body, KEY))).toBe('malformed');
  });

  it('is malformed without a call id', async () => {
    const body = JSON.stringify({ event: 'call_ended', call: { call_status: 'ended' } });
    expect(await refusalOf(body, await Retell.sign(body, KEY))).toBe('malformed');
  });
});

describe('status of a webhook', () => {
  it.each([
    ['call_started', 'registered', undefined, 'ongoing'],
    ['call_ended', 'registered', 'dial_no_answer', 'not_connected'],
    ['call_ended', 'registered', 'agent_hangup', 'ended'],
    ['call_ended', 'ongoing', 'voicemail_reached', 'ended'],
    ['call_ended', 'ended', 'no_valid_payment', 'error'],
    ['call_ended', 'registered', undefined, 'ended'],
    ['call_analyzed', 'registered', 'invalid_destination', 'not_connected'],
    ['transcript_updated', 'ongoing', undefined, 'ongoing'],
  ])('%s that says %s with reason %s is %s', async (event, callStatus, reason, expected) => {
    const body = bodyOf(event, { call_status: callStatus, disconnection_reason: reason });
    expect((await signed(body)).call.status).toBe(expected);
  });

  it('is analysed from call_analyzed on, also when the analysis is missing', async () => {
    expect((await signed(bodyOf('call_ended'))).call.analysed).toBe(false);
    expect((await signed(bodyOf('call_analyzed'))).call.analysed).toBe(true);
  });
});

describe('dedupe key', () => {
  it.each(['call_started', 'call_ended', 'call_analyzed'])('of %s is event and call id', async (event) => {
    const first = await signed(bodyOf(event, { transcript: 'uno' }));
    const again = await signed(bodyOf(event, { transcript: 'dos' }));
    expect(first.dedupeKey).toBe(`${event}:call_1`);
    expect(again.dedupeKey).toBe(first.dedupeKey);
  });

  it('of a transfer tells two legs apart, and a retry is the same', async () => {
    const transfer = (start: number, number: string) =>
      signed(bodyOf('transfer_started', { start_timestamp: start }, { transfer_destination: { number } }));
    const first = await transfer(1, '+56221234567');
    expect((await transfer(1, '+56221234567')).dedupeKey).toBe(first.dedupeKey);
    expect((await transfer(2, '+56221234567')).dedupeKey).not.toBe(first.dedupeKey);
    expect((await transfer(1, '+56221234568')).dedupeKey).not.toBe(first.dedupeKey);
    expect(first.dedupeKey).not.toContain('56221234567');
  });

  it('of a transcript tells its versions apart', async () => {
    const first = await signed(bodyOf('transcript_updated', { transcript: 'uno' }));
    const second = await signed(bodyOf('transcript_updated', { transcript: 'uno dos' }));
    expect(second.dedupeKey).not.toBe(first.dedupeKey);
  });
});

it('the verification is awaited wherever the SDK verifies: a promise is truthy', () => {
  const source = readFileSync(new URL('../../../channels/retell/webhook.ts', import.meta.url), 'utf8');
  const calls = source.match(/.*\bverify\(/g) ?? [];
  expect(calls.length).toBeGreaterThan(0);
  for (const line of calls) expect(line).toMatch(/await \S*verify\(/);
});
