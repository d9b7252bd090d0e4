import { createHash, createHmac } from 'node:crypto';

/** What the hashes of erased people need of the process: a key that no copy of the database holds. */
export interface ErasedKeyBox {
  derive(purpose: string): Buffer;
}

const purpose = 'erased people';
const blockBytes = 64;

export interface ErasedKeys {
  /** Names the key, and gives nothing of it away. */
  readonly keyId: string;
  hash(key: string): Buffer;
  readonly pads: { readonly inner: Buffer; readonly outer: Buffer };
}

/**
 * Hashes of ids (as people have them) and of numbers (`tel:+56…`). Without the key each of the thirty million RUTs could
 * be tried. Throws `SecretsKeyMissing` where the process has none.
 */
export function erasedKeysOf(box: ErasedKeyBox): ErasedKeys {
  const key = box.derive(purpose);
  const padded = Buffer.concat([key, Buffer.alloc(blockBytes - key.length)]);
  return {
    keyId: createHash('sha256').update('id of ').update(key).digest('hex').slice(0, 16),
    hash: (text) => createHmac('sha256', key).update(text).digest(),
    pads: {
      inner: Buffer.from(padded.map((byte) => byte ^ 0x36)),
      outer: Buffer.from(padded.map((byte) => byte ^ 0x5c)),
    },
  };
}
