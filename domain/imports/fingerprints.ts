import { randomBytes } from 'node:crypto';

const words = 4;
const firstCapacity = 1_024;
/** Beyond this share of taken slots, looking for a free one takes too long. */
const mostTaken = 0.7;

/**
 * A number for each text that was seen, in sixteen bytes a text: the number and 96 bits of HalfSipHash-1-3 under a key that
 * nobody outside has. A `Map` of the texts takes ten times as much, and a file has a million rows. That two texts share those bits
 * is not to be expected in any file. SHA-1 took several times as long, most of it on the way into the library and back.
 */
export class Fingerprints {
  /** Nobody can make a file whose texts all look for the same slot: that would hold up the whole process. */
  readonly #key = new Int32Array(Uint8Array.from(randomBytes(8)).buffer);
  readonly #digest = new Int32Array(3);
  #slots = new Int32Array(words * firstCapacity);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number that the text has; undefined when it has not been put. */
  of(text: string): number | undefined {
    const digest = this.#digest;
    halfSipHash(text, this.#key, digest);
    const known = (this.#slots[this.#find(digest[0] ?? 0, digest[1] ?? 0, digest[2] ?? 0) + 3] ?? 0) >>> 0;
    return known === 0 ? undefined : known - 1;
  }

  /** The number that the text had already; else undefined, and it has `number` from now on (0 to 2³² - 2). */
  put(text: string, number: number): number | undefined {
    const digest = this.#digest;
    halfSipHash(text, this.#key, digest);
    const at = this.#find(digest[0] ?? 0, digest[1] ?? 0, digest[2] ?? 0);
    const slots = this.#slots;
    const known = (slots[at + 3] ?? 0) >>> 0;
    if (known !== 0) return known - 1;
    slots[at] = digest[0] ?? 0;
    slots[at + 1] = digest[1] ?? 0;
    slots[at + 2] = digest[2] ?? 0;
    slots[at + 3] = number + 1;
    this.#size += 1;
    if (this.#size > (slots.length / words) * mostTaken) this.#grow();
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
    this.#slots = new Int32Array(old.length * 2);
    for (let from = 0; from < old.length; from += words) {
      if (old[from + 3] === 0) continue;
      const to = this.#find(old[from] ?? 0, old[from + 1] ?? 0, old[from + 2] ?? 0);
      for (let word = 0; word < words; word += 1) this.#slots[to + word] = old[from + word] ?? 0;
    }
  }
}

/**
 * Aumasson and Bernstein's hash for tables under attack, in its form for 32-bit words, over the text's UTF-16 units, two a word. Its
 * two words of output and, in the same way, a third. The round stands here twice: as a function it would hand four words to and fro.
 */
function halfSipHash(text: string, key: Int32Array, digest: Int32Array): void {
  const length = text.length;
  const even = length & ~1;
  let v0 = key[0] ?? 0;
  let v1 = (key[1] ?? 0) ^ 0xee;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ (key[1] ?? 0);
  for (let at = 0; at < even; at += 2) {
    const word = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  // One round with the length, and three times three that end with a word of output.
  const last = (length << 24) | (even === length ? 0 : text.charCodeAt(even));
  for (let round = 0; round < 10; round += 1) {
    if (round === 0) v3 ^= last;
    if (round === 1) v2 ^= 0xee;
    if (round === 4) v1 ^= 0xdd;
    if (round === 7) v1 ^= 0xbb;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 0) v0 ^= last;
    if (round === 3) digest[0] = v1 ^ v3;
    if (round === 6) digest[1] = v1 ^ v3;
    if (round === 9) digest[2] = v1 ^ v3;
  }
}
