import { createHash } from 'node:crypto';
import type { ObjectBody } from '../domain/shared/object-port.ts';

/** More came than the object may have. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
}

export interface Measured {
  readonly body: ObjectBody;
  /** Of what has gone through. */
  readonly result: () => { readonly bytes: number; readonly sha256: string };
}

/** A body that is counted and hashed on its way, and ends with an error at `maxBytes`. */
export function measured(body: ObjectBody, maxBytes: number): Measured {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new TooManyBytes(`more than ${maxBytes} bytes`);
      hash.update(chunk);
      yield chunk;
    }
  }
  return { body: counted(), result: () => ({ bytes, sha256: hash.digest('hex') }) };
}
