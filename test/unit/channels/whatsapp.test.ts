import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isProvenUnsent,
  isSent,
  mergeState,
  type MessageState,
} from '../../../domain/messages/rules/status.ts';
import {
  isSignedByMeta,
  isTokenOfAccount,
  readMessages,
  readStatuses,
  signAsMeta,
} from '../../../channels/whatsapp/webhook.ts';
import { channelFault, failureClass } from '../../../channels/whatsapp/errors.ts';
import { requestBody } from '../../../channels/whatsapp/whatsapp.ts';
import { newsOf } from '../../../domain/messages/settle-message.ts';

const word = fc.constantFrom<MessageState>(
  'unknown',
  'absent',
  'accepted',
  'sent',
  'failed',
  'delivered',
  'read',
);
const words = fc.array(word, { maxLength: 12 });
const after = (list: readonly MessageState[]): MessageState =>
  list.reduce<MessageState>((state, one) => mergeState(state, one), 'sending');

describe('the state of a message', () => {
  it('is the same in whatever order and however often the words come', () => {
    fc.assert(
      fc.property(words, fc.infiniteStream(fc.nat()), (list, luck) => {
        const shuffled = [...list, ...list.slice(0, 3)]
          .map((one) => ({ one, at: luck.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        return after(list) === after(shuffled);
      }),
    );
  });

  it('is what somebody who reads all the words at once would say', () => {
    fc.assert(
      fc.property(words, (list) => {
        const has = (one: MessageState): boolean => list.includes(one);
        const said = has('read')
          ? 'read'
          : has('delivered')
            ? 'delivered'
            : has('failed')
              ? 'failed'
              : has('sent')
                ? 'sent'
                : has('accepted')
                  ? 'accepted'
                  : has('absent')
                    ? 'absent'
                    : has('unknown')
                      ? 'unknown'
                      : 'sending';
        return after(list) === said;
      }),
    );
  });

  it('never goes back, and is never both sent and proven unsent', () => {
    fc.assert(
      fc.property(words, word, (list, one) => {
        const before = after(list);
        const now = mergeState(before, one);
        if (isSent(now) && isProvenUnsent(now)) return false;
        return mergeState(now, before) === now;
      }),
    );
    expect(after(['sent', 'failed'])).toBe('failed');
    expect(after(['failed', 'sent'])).toBe('failed');
    expect(after(['failed', 'delivered'])).toBe('delivered');
    expect(after(['read'])).toBe('read');
  });

  it('is told at most once each, and sent before anything else', () => {
    fc.assert(
      fc.property(words, (list) => {
        let state: MessageState = 'sending';
        const told: string[] = [];
        for (const one of list) {
          const next = mergeState(state, one);
          told.push(...newsOf(state, next));
          state = next;
        }
        const later = told.findIndex((type) => type === 'message.delivered' || type === 'message.read');
        const sent = told.indexOf('message.sent');
        const failed = told.indexOf('message.failed');
        if (later >= 0 && sent < 0 && failed < 0) return false;
        return new Set(told).size === told.length && (sent <= later || later < 0 || sent < 0);
      }),
    );
  });
});

describe('a webhook of Meta', () => {
  it('with a voice or a picture is a message without words, and with a reaction is none', () => {
    const body = (message: object) => ({
      entry: [{ changes: [{ value: { messages: [{ id: 'wamid.1', from: '56961000001', ...message }] } }] }],
    });
    const read = { providerMessageId: 'wamid.1', from: '+56961000001', text: '', repliesTo: undefined };
    for (const type of ['audio', 'image', 'sticker', 'location']) {
      expect(readMessages(body({ type, [type]: { id: '1' } })), type).toEqual([read]);
    }
    for (const type of ['reaction', 'system', 'unsupported', 7]) {
      expect(readMessages(body({ type })), String(type)).toEqual([]);
    }
    expect(readMessages(body({ type: 'text', text: { body: 'hola' } }))).toEqual([{ ...read, text: 'hola' }]);
  });

  const secret = 'app secret';
  const body = Buffer.from('{"entry":[{"emoji":"\\u2764"}]}');

  it('is taken with the signature of its very bytes, and with nothing else', () => {
    expect(isSignedByMeta(body, signAsMeta(body, secret), secret)).toBe(true);
    expect(isSignedByMeta(body, undefined, secret)).toBe(false);
    expect(isSignedByMeta(body, '', secret)).toBe(false);
    // A channel that was stored without a token has no handshake, not an open one.
    expect(isTokenOfAccount(undefined, undefined)).toBe(false);
    expect(isTokenOfAccount('', '')).toBe(false);
    expect(isTokenOfAccount('x', undefined)).toBe(false);
    expect(isTokenOfAccount('token', 'token')).toBe(true);
    expect(isTokenOfAccount('Token', 'token')).toBe(false);
    expect(isSignedByMeta(body, 'sha256=', secret)).toBe(false);
    expect(isSignedByMeta(body, signAsMeta(body, 'another'), secret)).toBe(false);
    expect(isSignedByMeta(body, signAsMeta(body, ''), '')).toBe(false);
    expect(isSignedByMeta(Buffer.concat([body, Buffer.from(' ')]), signAsMeta(body, secret), secret)).toBe(
      false,
    );
    // Parsed and written again it is another text.
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
    expect(isSignedByMeta(again, signAsMeta(body, secret), secret)).toBe(false);
  });

  it('gives its statuses, and whatever else is in it harms nobody', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readStatuses(value);
        readStatuses({ entry: [{ changes: [{ value: { statuses: value } }] }] });
        return true;
      }),
    );
    const statuses = [
      {
        id: 'wamid.1',
        status: 'failed',
        timestamp: '1700000000',
        errors: [{ code: 131026, title: 'No one' }],
      },
      { id: 'wamid.2', status: 'played', timestamp: '1700000000' },
      { id: 'wamid.3', status: 'read', timestamp: '1700000001', biz_opaque_callback_data: 'ours', extra: {} },
    ];
    const value = { entry: [{ changes: [{ field: 'messages', value: { statuses } }, { value: {} }] }] };
    expect(readStatuses(value)).toMatchObject([
      { providerMessageId: 'wamid.1', status: 'failed', atMs: 1_700_000_000_000, code: '131026' },
      { providerMessageId: 'wamid.3', status: 'read', callbackData: 'ours' },
    ]);
  });
});

it.each([
  ['130429', 400, 'retry'],
  ['131056', 400, 'retry'],
  ['131049', 400, 'tomorrow'],
  ['131026', 400, 'change_channel'],
  ['131047', 400, 'change_channel'],
  // The person stopped marketing messages; our number may not write to that country at all.
  ['131050', 400, 'change_channel'],
  ['130497', 403, 'change_channel'],
  // Meta's own maintenance and servers.
  ['131057', 500, 'retry'],
  ['133004', 503, 'retry'],
  ['131057', 0, 'retry'],
  ['133004', 0, 'retry'],
  // Ours to mend: a locked account, an unpaid bill, a paused or unknown template, a number that is not registered.
  ['131031', 403, 'stop'],
  ['131042', 400, 'stop'],
  ['132015', 400, 'stop'],
  ['132001', 404, 'stop'],
  ['133010', 400, 'stop'],
  ['190', 401, 'stop'],
  ['368', 403, 'stop'],
  ['', 429, 'retry'],
  ['', 503, 'retry'],
  ['999999', 400, 'stop'],
  // Names that every object has are no codes.
  ['constructor', 400, 'stop'],
  ['__proto__', 0, 'stop'],
] as const)('error %s with HTTP %i means: %s', (code, status, expected) => {
  expect(failureClass(code, status)).toBe(expected);
});

it.each([
  ['190', 401, 'credentials'],
  ['131042', 400, 'no_credit'],
  ['130429', 400, 'limited'],
  ['', 503, 'error'],
  ['132001', 404, 'refused'],
  ['constructor', 0, 'refused'],
  // About one person, and no fault of the channel.
  ['131026', 400, null],
  ['131049', 400, null],
  ['131050', 400, null],
  ['131056', 400, null],
] as const)('error %s with HTTP %i says of the channel: %s', (code, status, expected) => {
  expect(channelFault(code, status)).toBe(expected);
});

it('a template is asked for as the Cloud API documents it', () => {
  expect(
    requestBody({
      to: '+56961234567',
      template: 'link_pago_v1',
      language: 'es_CL',
      bodyValues: ['Juana', '$123.450'],
      buttonSuffix: 'p/8f3kq',
      callbackData: 'attempt_id',
    }),
  ).toEqual({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to: '56961234567',
    type: 'template',
    biz_opaque_callback_data: 'attempt_id',
    template: {
      name: 'link_pago_v1',
      language: { code: 'es_CL' },
      components: [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'Juana' },
            { type: 'text', text: '$123.450' },
          ],
        },
        { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'p/8f3kq' }] },
      ],
    },
  });
});
