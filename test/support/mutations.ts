/** Values that nobody sends on purpose, and that somebody's system sends all the same. */
const nasty: readonly unknown[] = [
  null,
  true,
  '',
  [],
  {},
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  1e308,
  8.64e15 + 1,
  '9'.repeat(19),
  'Pago \0el viernes',
  'media \ud800 palabra',
  'x'.repeat(3_000),
  'ñ'.repeat(40_000),
  '2026-02-30',
  '275760-09-13',
  { '__proto__\0': '\0', '\ud800': '\udc00', '': 'x' },
  { constructor: { prototype: 1 } },
  'DEEP',
  'HUGE',
];

/** What JSON.stringify cannot write: written into the text. */
const written: Readonly<Record<string, string>> = {
  '"DEEP"': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  '"HUGE"': '1e400',
};

type Json = { [key: string]: unknown };

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A small generator of its own: the same seed is the same mutation. */
export function chances(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) % 2 ** 32 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** One to four changes of an object: a value, a name that is gone, a name that is new. Returns its text. */
export function mutated(body: string, seed: number): string {
  const pick = chances(seed);
  const root: unknown = JSON.parse(body);
  if (!isJson(root)) throw new Error('the body is no object');
  for (let changes = 1 + pick(4); changes > 0; changes -= 1) {
    let at = root;
    let name = pickName(at, pick);
    for (
      let inner = at[name];
      isJson(inner) && Object.keys(inner).length > 0 && pick(8) > 0;
      inner = at[name]
    ) {
      at = inner;
      name = pickName(at, pick);
    }
    const how = pick(10);
    if (how === 0) delete at[name];
    else if (how === 1) at[`${name}\0`] = structuredClone(nasty[pick(nasty.length)]);
    else at[name] = structuredClone(nasty[pick(nasty.length)]);
    if (Object.keys(root).length === 0) break;
  }
  let text = JSON.stringify(root);
  for (const [from, to] of Object.entries(written)) text = text.replaceAll(from, to);
  return text;
}

function pickName(object: Json, pick: (below: number) => number): string {
  const names = Object.keys(object);
  return names[pick(Math.max(1, names.length))] ?? 'x';
}
