import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Seals secrets of accounts for the database: AES-256-GCM under one key of the environment. */
export interface SecretBox {
  /** `owner` is bound in: a sealed secret that is copied into another account's row does not open. */
  seal(owner: string, secret: string): string;
  /** Throws when it was sealed under another key or for another owner. */
  open(owner: string, sealed: string): string;
  /** A key of 32 bytes for one purpose: the same one each time, and nobody gets from it to another. */
  derive(purpose: string): Buffer;
}

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const version = 'v1';

/** `key`: 32 bytes in base64, as `openssl rand -base64 32` gives. Throws for anything else. */
export function createSecretBox(key: string): SecretBox {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== keyBytes) {
    throw new Error(
      'SECRETS_KEY should hold 32 bytes in base64, as `openssl rand -base64 32` makes them; it holds others',
    );
  }
  return {
    seal(owner, secret) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
      cipher.setAAD(Buffer.from(owner));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    open(owner, sealed) {
      const [stated, body = ''] = sealed.split('.');
      const whole = Buffer.from(body, 'base64url');
      if (stated !== version || whole.length < nonceBytes + tagBytes) {
        throw new Error('a sealed secret is damaged');
      }
      const decipher = createDecipheriv('aes-256-gcm', bytes, whole.subarray(0, nonceBytes));
      decipher.setAAD(Buffer.from(owner));
      decipher.setAuthTag(whole.subarray(nonceBytes, nonceBytes + tagBytes));
      const rest = whole.subarray(nonceBytes + tagBytes);
      return Buffer.concat([decipher.update(rest), decipher.final()]).toString('utf8');
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', bytes, '', `tandas ${purpose}`, keyBytes)),
  };
}

/** For processes without `SECRETS_KEY`: whatever needs a secret fails and says which setting is missing. */
export const noSecretBox: SecretBox = {
  seal: () => missing(),
  open: () => missing(),
  derive: () => missing(),
};

function missing(): never {
  throw new SecretsKeyMissing();
}

export class SecretsKeyMissing extends Error {
  override readonly name = 'SecretsKeyMissing';
  constructor() {
    super('SECRETS_KEY is not set: secrets of accounts can be neither stored nor used');
  }
}
