import { logNormal, randomOf } from '../lib/random.ts';

/** What one size of the benchmark does; spans in real ms, `realCallMs / callMs` times faster than life. */
export interface Size {
  readonly lines: number;
  /** Mean of an answered call of an ordinary account; long against what a grant costs. */
  readonly callMs: number;
  /** Before the measurement: every contender fills its lines. */
  readonly fillMs: number;
  readonly windowMs: number;
  /** Contacts of each of the nineteen accounts that share a tenth of them. */
  readonly contactsOfLight: number;
}

/** A call of ninety seconds is what the sizes compress. */
export const realCallMs = 90_000;
export const accounts = 20;

export const sizes: readonly Size[] = [
  { lines: 20, callMs: 10_000, fillMs: 3_000, windowMs: 25_000, contactsOfLight: 15 },
  { lines: 200, callMs: 10_000, fillMs: 4_000, windowMs: 20_000, contactsOfLight: 110 },
  { lines: 1_000, callMs: 20_000, fillMs: 8_000, windowMs: 25_000, contactsOfLight: 260 },
];

/** One person to call: what becomes of each of their calls. */
export interface Contact {
  readonly id: number;
  readonly account: number;
  /** How long each call holds a line. One more than one: nobody answered, and it is tried again. */
  readonly callsMs: readonly number[];
}

/** A pause between a call that nobody answered and the next, in mean calls. */
const retryAfterCalls = 2;
export const retryAfterMs = ({ callMs }: Size): number => retryAfterCalls * callMs;

const noAnswerShare = 0.35;
const sigma = 0.8;

/** The same contacts in the same order for whoever schedules them. One account has 90 % of them. */
export function contactsOf(size: Size, seed: string): readonly Contact[] {
  const random = randomOf(`${seed}/${size.lines}`);
  const light = (accounts - 1) * size.contactsOfLight;
  const all = light * 10;
  const owners = Array.from({ length: all }, (_, index) =>
    index < light ? 1 + (index % (accounts - 1)) : 0,
  );
  shuffle(owners, random);
  return owners.map((account, id) => {
    // Some accounts talk three times as long as others: whoever counts calls instead of lines is unfair to the short.
    const talk = size.callMs * (0.5 + account / (accounts - 1));
    const ring = (): number => size.callMs * (0.08 + 0.2 * random());
    const isAnswered = random() >= noAnswerShare;
    const answered = ring() + Math.min(10 * size.callMs, logNormal(random, talk, sigma));
    return { id, account, callsMs: isAnswered ? [answered] : [size.callMs * 0.3, answered] };
  });
}

function shuffle(values: number[], random: () => number): void {
  for (let index = values.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const [one, two] = [values[index] ?? 0, values[other] ?? 0];
    values[index] = two;
    values[other] = one;
  }
}
