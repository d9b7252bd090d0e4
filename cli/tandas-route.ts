/** What somebody typed behind `tandas`, as what is to be done. Pure: the names are given. */
export type Route =
  | { readonly kind: 'run'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'help'; readonly name: string | undefined }
  | { readonly kind: 'completion'; readonly shell: string | undefined }
  /** Nothing was typed: not a wish for help, but no command either. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown'; readonly typed: string; readonly nearest: readonly string[] };

/** Words of the router itself: no command may be called so. */
export const ownWords = ['help', 'completion'] as const;

/**
 * The first word decides; what stands behind it belongs to its command, options that look like the router's too. Asked for
 * help, before or behind the command, nothing is run.
 */
export function routeOf(argv: readonly string[], names: readonly string[]): Route {
  const [first, ...rest] = argv;
  if (first === undefined) return { kind: 'nothing' };
  if (first === 'help' || first === '--help' || first === '-h') {
    const [name] = rest;
    return name === undefined || names.includes(name) ? { kind: 'help', name } : unknown(name, names);
  }
  if (first === 'completion') return { kind: 'completion', shell: rest[0] };
  if (!names.includes(first)) return unknown(first, names);
  if (rest.includes('--help') || rest.includes('-h')) return { kind: 'help', name: first };
  return { kind: 'run', name: first, args: rest };
}

function unknown(typed: string, names: readonly string[]): Route {
  const renamedTo = Object.hasOwn(renamed, typed) ? renamed[typed] : undefined;
  if (renamedTo !== undefined) return { kind: 'unknown', typed, nearest: [renamedTo] };
  return { kind: 'unknown', typed, nearest: nearestOf(typed, [...names, ...ownWords]) };
}

/** Longer words are nobody's slip of the finger; and the distance costs the product of both lengths. */
const longest = 40;
const mostNearest = 3;

/** Names that were probably meant: begun like it, or at most a third of its letters away; the closest first. */
export function nearestOf(typed: string, names: readonly string[]): readonly string[] {
  const word = typed.toLowerCase();
  if (word === '' || word.length > longest) return [];
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return names
    .map((name) => ({ name, far: name.startsWith(word) ? 0 : distance(word, name) }))
    .filter(({ far }) => far <= allowed)
    .toSorted((one, other) => one.far - other.far || (one.name < other.name ? -1 : 1))
    .slice(0, mostNearest)
    .map(({ name }) => name);
}

/** Letters to add, drop, change or swap with their neighbour until one word is the other. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const at = (up: number, left: number): number =>
        (up === 0 ? row : rows[i - up])?.[j - left] ?? Infinity;
      const changed = at(1, 1) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(Math.min(changed, at(1, 0) + 1, at(0, 1) + 1, isSwap ? at(2, 2) + 1 : Infinity));
    }
    rows.push(row);
  }
  return rows.at(-1)?.at(-1) ?? Infinity;
}

/** npm scripts that have another name here. */
const renamed: Readonly<Record<string, string>> = { upload: 'import' };

/** Words of a command as they are said behind `tandas`: their npm scripts take `--` before what they are given. */
export function asTandas(words: string, names: readonly string[]): string {
  return words.replace(/npm run ([\w-]+)((?: \[?--(?= ))? ?)/g, (all, script: string, gap: string) => {
    const name = (Object.hasOwn(renamed, script) ? renamed[script] : undefined) ?? script;
    if (!names.includes(name)) return all;
    return `tandas ${name}${gap.replace(' [-- ', ' [').replace(/ -- ?/, ' ')}`;
  });
}
