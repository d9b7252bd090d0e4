import { plainFigure, spreadOf } from '../lib/figures.ts';
import { summary } from '../lib/pairs.ts';
import type { Benchmark, BenchContext, Figure } from '../lib/types.ts';
import { ideal } from './ideal.ts';
import { contactsOf, realCallMs, type Size, sizes } from './load.ts';
import { runPgBoss } from './pg-boss.ts';
import { runPolling } from './polling.ts';
import type { Outcome } from './record.ts';
import { runTandas } from './tandas.ts';

type Arm = 'tandas' | 'pg-boss, one group' | 'pg-boss, a group an account' | 'polling every 15 s';

const arms: Readonly<Record<Arm, (size: Size, contacts: ReturnType<typeof contactsOf>) => Promise<Outcome>>> =
  {
    tandas: runTandas,
    'pg-boss, one group': (size, contacts) => runPgBoss(size, contacts, 'pool'),
    'pg-boss, a group an account': (size, contacts) => runPgBoss(size, contacts, 'account'),
    'polling every 15 s': runPolling,
  };

export const benchmark: Benchmark = {
  name: 'lines',
  about:
    'use of lines by dispatcher and PostgreSQL with simulated callers, against an ideal scheduler and rivals',
  needs: ['postgres'],
  async run(context) {
    const figures: Figure[] = [];
    for (const size of sizes) figures.push(...(await measure(size, context)));
    return figures;
  },
};

/** All of them in each repeat, beginning with another one each time. */
async function measure(size: Size, { seed, quick, log }: BenchContext): Promise<readonly Figure[]> {
  const runs = new Map<Arm, Outcome[]>();
  const bests: number[] = [];
  const names = Object.keys(arms).filter(isArm);
  for (let repeat = 0; repeat < (quick ? 1 : 5); repeat += 1) {
    const contacts = contactsOf(size, `${seed}/${repeat}`);
    bests.push(ideal(size, contacts).use);
    for (let turn = 0; turn < names.length; turn += 1) {
      const arm = names[(turn + repeat) % names.length];
      if (arm === undefined) continue;
      const outcome = await arms[arm](size, contacts);
      const { use, overshoot, jain, grantP95Ms, dialP95Ms, calls } = outcome;
      log(
        `  ${size.lines} lines, repeat ${repeat + 1}, ${arm}: ${calls} calls, use ${use.toFixed(4)}, ${overshoot} beyond the lines, Jain ${jain.toFixed(4)}, release to grant p95 ${grantP95Ms.toFixed(0)} ms, to dial ${dialP95Ms.toFixed(0)} ms`,
      );
      runs.set(arm, [...(runs.get(arm) ?? []), outcome]);
    }
  }
  const faster = (realCallMs / size.callMs).toFixed(0);
  log(
    `${size.lines} lines: answered calls of ${size.callMs} ms on average, ${faster} times faster than life`,
  );
  return [
    ...ours(size, runs.get('tandas') ?? [], bests),
    ...names.filter((arm) => arm !== 'tandas').flatMap((arm) => against(size, arm, runs)),
  ];
}

function isArm(name: string): name is Arm {
  return name in arms;
}

function ours({ lines }: Size, outcomes: readonly Outcome[], bests: readonly number[]): readonly Figure[] {
  const name = 'lines';
  const use = summary(outcomes.map((outcome) => outcome.use));
  const ratio = summary(outcomes.map((outcome, index) => outcome.use / (bests[index] ?? 1)));
  const overshoot = Math.max(...outcomes.map((outcome) => outcome.overshoot));
  const jain = summary(outcomes.map((outcome) => outcome.jain));
  const grant = summary(outcomes.map(({ grantP95Ms }) => grantP95Ms));
  const dial = summary(outcomes.map(({ dialP95Ms }) => dialP95Ms));
  const plain = (figure: string, value: number, unit: string, goal: string, pass: boolean | null): Figure =>
    plainFigure({ name, figure: `${lines} lines: ${figure}`, value, unit, goal }, pass);
  return [
    {
      name,
      figure: `${lines} lines: use, against the ideal scheduler`,
      value: use.median,
      unit: '',
      floor: summary(bests).median,
      ratio: ratio.median,
      goal: '≥ 0.97 × ideal',
      pass: ratio.median >= 0.97,
      spread: spreadOf(ratio),
    },
    plain('calls beyond the lines', overshoot, '', '0', overshoot === 0),
    {
      ...plain('Jain index of line time', jain.median, '', '≥ 0.98', jain.median >= 0.98),
      spread: spreadOf(jain),
    },
    {
      ...plain('release to next grant, p95', grant.median, 'ms', '≤ 50 ms', grant.median <= 50),
      spread: spreadOf(grant),
    },
    { ...plain('release to next dial, p95', dial.median, 'ms', '', null), spread: spreadOf(dial) },
  ];
}

function against({ lines }: Size, arm: Arm, runs: ReadonlyMap<Arm, readonly Outcome[]>): readonly Figure[] {
  const [mine = [], theirs = []] = [runs.get('tandas'), runs.get(arm)];
  const ratio = summary(mine.map((outcome, index) => outcome.use / (theirs[index]?.use ?? Number.NaN)));
  const overshoot = Math.max(...theirs.map((outcome) => outcome.overshoot));
  const jain = summary(theirs.map((outcome) => outcome.jain)).median;
  return [
    {
      name: 'lines',
      figure: `${lines} lines: use, against ${arm} (${overshoot} beyond the lines, Jain ${jain.toFixed(2)})`,
      value: summary(mine.map(({ use }) => use)).median,
      unit: '',
      floor: summary(theirs.map(({ use }) => use)).median,
      ratio: ratio.median,
      goal: '> 1 ×',
      pass: ratio.median > 1,
      spread: spreadOf(ratio),
    },
  ];
}
