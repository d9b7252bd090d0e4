import { hash, randomBytes } from 'node:crypto';

const words = 4;
const firstCapacity = 1_024;
/** Beyond this share of taken slots, looking for a free one takes too long. */
const mostTaken = 0.7;

/**
 * A number for each text that was seen, in sixteen bytes a text: the number and the first 96 bits of a salted SHA-1. A
 * `Map` of the texts takes ten times as much, and a file has a million rows. That two texts share those bits is not to be
 * expected in any file.
 */
export class Fingerprints {
  /** Nobody can make a file whose texts all look for the same slot: that would hold up the whole process. */
  readonly #salt = randomBytes(16).toString('latin1');
  #slots = new Uint32Array(words * firstCapacity);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number that the text had already; else undefined, and it has `number` from now on (0 to 2³² - 2). */
  put(text: string, number: number): number | undefined {
    const digest = hash('sha1', this.#salt + text, 'buffer');
    const [a, b, c] = [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)];
    const at = this.#find(a, b, c);
    const known = this.#slots[at + 3] ?? 0;
    if (known !== 0) return known - 1;
    this.#slots.set([a, b, c, number + 1], at);
    this.#size += 1;
    if (this.#size > (this.#slots.length / words) * mostTaken) this.#grow();
    return undefined;
  }

  /** Where the fingerprint is, or the free slot where it would be. A slot whose fourth word is 0 is free. */
  #find(a: number, b: number, c: number): number {
    const slots = this.#slots;
    const mask = slots.length / words - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * words;
      if (slots[at + 3] === 0) return at;
      if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c) return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += words) {
      const [a = 0, b = 0, c = 0, number = 0] = old.subarray(at, at + words);
      if (number !== 0) this.#slots.set([a, b, c, number], this.#find(a, b, c));
    }
  }
}
