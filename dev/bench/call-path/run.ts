import { readFileSync } from 'node:fs';
import { plainFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { PHASES, sumOf } from './count.ts';
import { type CallCost, callsOf, createCallPath, STORIES, type Story } from './walk.ts';

const name = 'call-path';

/** What an unanswered call may cost, one of many as those of a wave are; the gate's goal is one call's alone too. */
const goals = { statements: 30, gate: 10, transactions: 6 } as const;

/**
 * What one call costs in statements, transactions, rows and history: exact counts, the same on every machine. Each is
 * told as often as it was counted; figures that differ between two calls of one story would be told too.
 */
export const benchmark: Benchmark = {
  name,
  about: 'statements, transactions, rows, log bytes and history of one call, counted exactly',
  needs: ['postgres', 'temporal'],
  async run({ quick, log }) {
    const path = await createCallPath();
    try {
      const figures: Figure[] = [];
      for (const story of STORIES) {
        // The first ones read what is read once a process.
        for (let warmUp = 0; warmUp < 2; warmUp += 1) await path.walk(story);
        const costs: CallCost[] = [];
        for (let repeat = 0; repeat < (quick ? 1 : 5); repeat += 1) costs.push(await path.walk(story));
        for (const cost of costs) log(`  ${story}: ${JSON.stringify(inShort(cost))}`);
        const [first] = costs;
        if (first !== undefined)
          for (const { phase, text } of first.seen) log(`    ${phase}: ${oneLine(text)}`);
        figures.push(...figuresOf(story, costs));
      }
      return figures;
    } finally {
      await path.close();
    }
  },
};

export interface ShortCost {
  readonly statements: number;
  readonly statementsByPhase: Readonly<Record<string, number>>;
  readonly transactions: number;
  readonly transactionsByPhase: Readonly<Record<string, number>>;
  readonly rows: number;
  readonly rowsByTable: Readonly<Record<string, number>>;
  readonly tables: number;
  readonly walBytes: number;
  readonly activations: number;
  readonly historyEvents: number;
}

export function inShort(cost: CallCost): ShortCost {
  const { statements, transactions, rows, walBytes, activations, historyEvents } = cost;
  return {
    statements: sumOf(statements),
    statementsByPhase: statements,
    transactions: sumOf(transactions),
    transactionsByPhase: transactions,
    rows: Object.values(rows).reduce((sum, each) => sum + each, 0),
    rowsByTable: rows,
    tables: Object.keys(rows).length,
    walBytes,
    activations,
    historyEvents,
  };
}

/** The most that each count of a story may be: the committed counts. */
export type Bounds = Readonly<Record<Story, Readonly<Record<string, number>>>>;

/** The counts that a bound is kept of: all but the bytes, which move with the length of a name. */
export function boundedOf(cost: CallCost): Readonly<Record<string, number>> {
  const { statements, statementsByPhase, transactions, rows, tables, activations, historyEvents } =
    inShort(cost);
  const byPhase = PHASES.map((phase) => [`statements: ${phase}`, statementsByPhase[phase] ?? 0] as const);
  return {
    statements,
    ...Object.fromEntries(byPhase),
    transactions,
    rows,
    tables,
    activations,
    'history events': historyEvents,
  };
}

export function readBounds(): Bounds {
  const value: unknown = JSON.parse(readFileSync(new URL('bounds.json', import.meta.url), 'utf8'));
  if (!isBounds(value)) throw new Error('bounds.json is not a count for each story');
  return value;
}

function isBounds(value: unknown): value is Bounds {
  if (typeof value !== 'object' || value === null) return false;
  return STORIES.every((story) => story in value);
}

function figuresOf(story: Story, costs: readonly CallCost[]): readonly Figure[] {
  const short = costs.map(inShort);
  // Of a wave, each call's share.
  const median = (of: (cost: ShortCost) => number): number => quantile(short.map(of), 0.5) / callsOf[story];
  const plain = (figure: string, unit: string, value: number, goal?: number): Figure =>
    plainFigure(
      { name, figure: `${figure}, ${story}`, unit, value, goal: goal === undefined ? '' : `≤ ${goal}` },
      goal === undefined ? null : value <= goal,
    );
  const asked = story === 'answered' ? undefined : goals;
  return [
    plain(
      'statements',
      'statements',
      median((one) => one.statements),
      asked?.statements,
    ),
    ...PHASES.map((phase) =>
      plain(
        `statements of its ${phase}`,
        'statements',
        median((one) => one.statementsByPhase[phase] ?? 0),
        phase === 'gate' ? asked?.gate : undefined,
      ),
    ),
    plain(
      'transactions',
      'transactions',
      median((one) => one.transactions),
      asked?.transactions,
    ),
    plain(
      'rows written',
      'rows',
      median((one) => one.rows),
    ),
    plain(
      'tables written',
      'tables',
      // All calls of a story write into the same ones.
      median((one) => one.tables * callsOf[story]),
    ),
    plain(
      'write-ahead log',
      'bytes',
      median((one) => one.walBytes),
    ),
    plain(
      'workflow activations',
      'activations',
      median((one) => one.activations),
    ),
    plain(
      'history events',
      'events',
      median((one) => one.historyEvents),
    ),
  ];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 160);
}
