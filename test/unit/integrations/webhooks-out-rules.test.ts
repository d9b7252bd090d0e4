import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../outbound/secret-box.ts';
import { maxTries, retryDelayMs } from '../../../outbound/retry.ts';
import { isPrivateAddress, judgeTarget } from '../../../outbound/targets.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retries', () => {
  it('wait from five seconds to six hours, longer each time, and end with the tenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), chance, (tries, luck) => {
        const delay = retryDelayMs(tries, luck);
        if (tries >= maxTries) return delay === null;
        return delay !== null && delay >= 4_000 && delay <= 7.2 * 3_600_000;
      }),
    );
    const plain = Array.from({ length: 9 }, (_, index) => retryDelayMs(index + 1, 0.5) ?? 0);
    expect(plain[0]).toBe(5_000);
    expect(plain[8]).toBe(21_600_000);
    expect(plain).toEqual([...plain].sort((a, b) => a - b));
  });
});

describe('addresses that accounts give us', () => {
  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'https://user:pass@example.com/',
    'https://localhost/',
    'https://db.internal/',
    'https://postgres:5432/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://10.1.2.3/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://localhost./',
    'https://192.88.99.1/',
    'https://[fec0::1]/',
    'https://[::ffff:0:127.0.0.1]/',
    'https://[5f00::1]/',
    'https://[2001:db8::1]/',
    'https://[2002:7f00:1::]/',
    'not an address',
  ])('are refused when they lead nowhere public or are not encrypted: %s', (url) => {
    expect(judgeTarget(url, { allowPrivate: false }).ok).toBe(false);
  });

  it.each([
    'https://cobranza.example/hooks?x=1',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://[2800:300::1]/',
  ])('are taken when they are public and encrypted: %s', (url) => {
    expect(judgeTarget(url, { allowPrivate: false }).ok).toBe(true);
  });

  it('in development may be plain http on this machine, and nowhere else', () => {
    expect(judgeTarget('http://127.0.0.1:9/', { allowPrivate: true }).ok).toBe(true);
    expect(judgeTarget('http://example.com/', { allowPrivate: true }).ok).toBe(false);
  });

  it('are private for every address of the private networks, however it is written', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, c, d) => {
        for (const address of [`10.${b}.${c}.${d}`, `127.${b}.${c}.${d}`, `192.168.${c}.${d}`]) {
          if (!isPrivateAddress(address) || !isPrivateAddress(`::ffff:${address}`)) return false;
        }
        return true;
      }),
    );
  });
});

describe('secrets', () => {
  const box = createSecretBox(Buffer.alloc(32, 1).toString('base64'));

  it('open to what was sealed, for their owner and key only, and never lie in the open', () => {
    fc.assert(
      fc.property(fc.string(), (secret) => {
        const sealed = box.seal('account-a', secret);
        if (box.open('account-a', sealed) !== secret) return false;
        return secret.length < 4 || !sealed.includes(secret);
      }),
    );
    const sealed = box.seal('account-a', 'a secret');
    expect(() => box.open('account-b', sealed)).toThrow();
    expect(() => createSecretBox(Buffer.alloc(32, 2).toString('base64')).open('account-a', sealed)).toThrow();
    expect(() => box.open('account-a', `${sealed.slice(0, -2)}AA`)).toThrow();
    expect(() => createSecretBox('short')).toThrow('openssl rand -base64 32');
  });
});
