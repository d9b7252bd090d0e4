import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import { dictionary as spanish } from '@zxcvbn-ts/language-es-es';

/** As many characters are looked at: 40 ms of the processor at most, and a good beginning is a good password. */
const looked = 16;
/** Of five: what takes a hundred million guesses or more. */
const leastScore = 3;

/** 100,000 words, names and passwords that others have had: read when the first password is chosen, not when a process starts. */
let reader: ZxcvbnFactory | undefined;

/**
 * Whether somebody would guess this password: one that many people have, a run of keys, a repetition, or what is known of this person
 * and of us (OWASP ASVS 6.2.4, 6.2.11). Pure but for the lists, which are read once.
 */
export function isGuessable(password: string, about: readonly string[]): boolean {
  reader ??= new ZxcvbnFactory({
    dictionary: { ...common, ...spanish },
    graphs: adjacencyGraphs,
    maxLength: looked,
  });
  const known = ['tandas', ...about].flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  return (
    reader.check(
      password.slice(0, looked),
      known.filter((word) => word !== ''),
    ).score < leastScore
  );
}
