/** One line of a scraped page. */
export interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text format. Throws for a line that is none. */
export function readExposition(text: string): readonly Scraped[] {
  return text
    .split('\n')
    .filter((one) => one !== '' && !one.startsWith('#'))
    .map((one) => {
      const [, name, labels = '', value] = line.exec(one) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no sample: ${one}`);
      return {
        name,
        labels: Object.fromEntries([...labels.matchAll(label)].map(([, key = '', word = '']) => [key, word])),
        value: Number(value),
      };
    });
}

/** A metric that an expression reads, with the labels that it asks for by `=`. */
export interface Selector {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const words = new Set(
  'max min sum avg count by on and or unless without increase rate abs histogram_quantile ignoring'.split(
    ' ',
  ),
);

/** Enough of PromQL for our own rules: every name that is no word of the language, and what stands in its braces. */
export function selectorsOf(expression: string): readonly Selector[] {
  const found: Selector[] = [];
  const bare = expression
    .replaceAll(/\b(?:by|on|without|ignoring) *\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ');
  for (const [, name = '', braces = ''] of bare.matchAll(/([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?/g)) {
    if (words.has(name)) continue;
    const equal = [...braces.matchAll(/([a-zA-Z_]\w*) *= *"([^"]*)"/g)];
    found.push({ name, labels: Object.fromEntries(equal.map(([, key = '', value = '']) => [key, value])) });
  }
  return found;
}
