import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { addressOf, isOurs } from '../../../domain/recordings/address.ts';
import { createSecretBox } from '../../../outbound/secret-box.ts';

const box = () => createSecretBox(randomBytes(32).toString('base64'));
const address = { accountId: 'a', objectId: 'o', until: 1_000 };
const signatureIn = (path: string): string => new URL(path, 'http://x').searchParams.get('signature') ?? '';

it('an address is ours until its instant, and not in it', () => {
  const own = box();
  const signature = signatureIn(addressOf(own, address));
  expect(isOurs(own, { ...address, signature }, 999_999)).toBe(true);
  expect(isOurs(own, { ...address, signature }, 1_000_000)).toBe(false);
});

it('one of another key, account, object or instant is not', () => {
  const own = box();
  const signature = signatureIn(addressOf(own, address));
  expect(isOurs(box(), { ...address, signature }, 0)).toBe(false);
  for (const other of [{ accountId: 'b' }, { objectId: 'p' }, { until: 1_001 }])
    expect(isOurs(own, { ...address, ...other, signature }, 0)).toBe(false);
  // Its parts do not run into each other.
  const moved = { accountId: 'a\no', objectId: '', until: 1_000 };
  expect(isOurs(own, { ...moved, signature }, 0)).toBe(false);
  for (const wrong of ['', 'x', `${signature}A`, signature.slice(1), signature.toLowerCase()])
    expect(isOurs(own, { ...address, signature: wrong }, 0)).toBe(false);
});
