/** A run of them at once: of a text of nothing else, one at a time takes a hundred times as long. */
const nuls = /\0+/g;

/** PostgreSQL takes neither NUL nor half a surrogate pair: one of them in what others say would lose all of it. */
export function storableText(text: string): string {
  const whole = text.toWellFormed();
  return whole.includes('\0') ? whole.replace(nuls, '') : whole;
}

/**
 * The storable text as far as `longest` characters, without reading on: a text of which nobody keeps more costs no more. The last one
 * may be half of what followed it, made whole.
 */
export function storableStart(text: string, longest: number): string {
  if (text.length <= longest) return storableText(text);
  let kept = 0;
  let at = 0;
  for (; at < text.length && kept < longest; at += 1) if (text.charCodeAt(at) !== 0) kept += 1;
  return storableText(text.slice(0, at));
}

export interface StorableLimits {
  /** Of a text, in characters. Default: as it came. */
  readonly longestText?: number;
}

/** Deeper than anything that anybody means, and far from where a stack ends. */
const deepest = 32;

/** JSON of somebody else's as jsonb takes it, names and texts: what is too deep is left out, what is too long is cut. */
export function storableJson(value: unknown, limits: StorableLimits = {}, depth = 0): unknown {
  if (typeof value === 'string') return cut(value, limits.longestText);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return null;
  if (Array.isArray(value)) return value.map((one: unknown) => storableJson(one, limits, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      cut(name, limits.longestText),
      storableJson(one, limits, depth + 1),
    ]),
  );
}

/** Storable, and not cut through the middle of a character. */
function cut(text: string, longest: number | undefined): string {
  if (longest === undefined) return storableText(text);
  // One more than is kept says that there is more, and whether the last one kept is half of a pair.
  const start = storableStart(text, longest + 1);
  return start.length <= longest
    ? start
    : storableText(start.slice(0, longest).replace(/[\ud800-\udbff]$/, ''));
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
