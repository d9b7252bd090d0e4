const nul = /\0/g;

/** PostgreSQL takes neither NUL nor half a surrogate pair: one of them in what others say would lose all of it. */
export function storableText(text: string): string {
  return text.toWellFormed().replace(nul, '');
}

export interface StorableLimits {
  /** Of a text, in characters. Default: as it came. */
  readonly longestText?: number;
}

/** Deeper than anything that anybody means, and far from where a stack ends. */
const deepest = 32;

/** JSON of somebody else's as jsonb takes it, names and texts: what is too deep is left out, what is too long is cut. */
export function storableJson(value: unknown, limits: StorableLimits = {}, depth = 0): unknown {
  if (typeof value === 'string') return cut(storableText(value), limits.longestText);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return null;
  if (Array.isArray(value)) return value.map((one: unknown) => storableJson(one, limits, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      cut(storableText(name), limits.longestText),
      storableJson(one, limits, depth + 1),
    ]),
  );
}

/** Not through the middle of a character. */
function cut(text: string, longest = text.length): string {
  return text.length <= longest ? text : storableText(text.slice(0, longest).replace(/[\ud800-\udbff]$/, ''));
}

/** Where JSON that was sent cannot be stored, and why; undefined where all of it can. `field`: as in `a.b.0`. */
export function unstorable(
  value: unknown,
): { readonly field: string; readonly fault: 'characters' | 'depth' } | undefined {
  const open: { readonly value: unknown; readonly path: readonly string[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: one, path } = next;
    const found = (fault: 'characters' | 'depth') => ({ field: path.map(storableText).join('.'), fault });
    if (typeof one === 'string' && storableText(one) !== one) return found('characters');
    if (typeof one !== 'object' || one === null) continue;
    if (path.length >= deepest) return found('depth');
    for (const [name, inner] of Object.entries(one)) {
      if (storableText(name) !== name) return found('characters');
      open.push({ value: inner, path: [...path, name] });
    }
  }
  return undefined;
}
