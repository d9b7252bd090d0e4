import type { Sample } from './database-gauges.ts';

/** Gauges in Prometheus' text format: name, help and type once, then its samples. */
export function gaugesText(samples: readonly Sample[]): string {
  const byName = Map.groupBy(samples, ({ name }) => name);
  const blocks = [...byName].map(([name, same]) =>
    [
      `# HELP ${name} ${same[0]?.help ?? ''}`,
      `# TYPE ${name} gauge`,
      ...same.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
    ].join('\n'),
  );
  return `${blocks.join('\n')}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** Asks at most once in `freshMs`, and once for all who ask at the same time: ten scrapers are one question. */
export function remembered(
  nowMs: () => number,
  freshMs: number,
  read: () => Promise<string>,
): () => Promise<string> {
  let last: { readonly atMs: number; readonly text: Promise<string> } | undefined;
  return () => {
    if (last === undefined || nowMs() - last.atMs >= freshMs) last = { atMs: nowMs(), text: read() };
    return last.text;
  };
}
