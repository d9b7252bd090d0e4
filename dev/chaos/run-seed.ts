import { setTimeout as sleep } from 'node:timers/promises';
import { runAudit } from '../../audit/run.ts';
import { type Applied, applySchedule } from './apply.ts';
import { createCustomer, peopleFile, startChaosBatch } from './batch.ts';
import { readBooks } from './books.ts';
import { describeFault, type PlannedFault, seconds } from './faults.ts';
import { type Finding, judge } from './judge.ts';
import { type Place, startPlace } from './place.ts';
import { type Recovery, recoveryOf } from './recovery.ts';
import { type Sampler, startSampler } from './sampler.ts';
import { type Profile, quietMs, schedule } from './schedule.ts';
import { clearFaults, isQuiet, readWitness } from './witness.ts';

export interface SeedResult {
  readonly seed: number;
  readonly profile: Profile['name'];
  readonly contacts: number;
  readonly faults: number;
  /** Faults that could not be done, because what they were for was down. */
  readonly notDone: number;
  readonly calls: number;
  /** Turns that did not become a call, by their reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Attempts whose outcome was not known at first. */
  readonly unknown: number;
  /** From the start of the batch until its last contact closed, in seconds; null when it did not finish. */
  readonly batchSeconds: number | null;
  /** Until lines were in use again after the measured death, in seconds; null: not measured, or not back. */
  readonly recoveredSeconds: number | null;
  readonly recovery: Recovery | null;
  readonly tookSeconds: number;
  readonly findings: readonly Finding[];
  /** Where the logs of a run with findings are. */
  readonly logs: string | null;
}

export interface RunOptions {
  readonly seed: number;
  readonly profile: Profile;
  /** What happens, line by line; not for `--json`. */
  readonly tell: (line: string) => void;
}

/** Issue 5: lines are back in use so long after a worker's death. */
const neededRecoveryMs = 15_000;
/** Of contacts, those that must have been called in a run whatever goes wrong; of people who would answer, those who did. */
const reachedShare = 0.9;
const answeredShare = 0.6;

/** One stack, one batch, one schedule, one verdict. */
export async function runSeed({ seed, profile, tell }: RunOptions): Promise<SeedResult> {
  const startedAtMs = Date.now();
  const plan = schedule(seed, profile);
  tell(
    `seed ${seed} (${profile.name}): ${profile.contacts} contacts on ${profile.lines} lines, ${plan.length} faults`,
  );
  for (const { atMs, fault } of plan) tell(`  at ${seconds(atMs).padStart(7)}  ${describeFault(fault)}`);
  const place = await startPlace({ lines: profile.lines, seed });
  let result: SeedResult | undefined;
  try {
    result = await underFaults(place, { seed, profile, tell }, plan, startedAtMs);
    return result;
  } finally {
    await place.close({ keepLogs: result === undefined || result.findings.length > 0 });
  }
}

async function underFaults(
  place: Place,
  { seed, profile, tell }: RunOptions,
  plan: readonly PlannedFault[],
  startedAtMs: number,
): Promise<SeedResult> {
  const customer = await createCustomer(place, profile);
  const batch = await startChaosBatch(place, customer, peopleFile(profile.contacts));
  const batchAtMs = Date.now();
  tell(`  up in ${seconds(batchAtMs - startedAtMs)}, batch ${batch.batchId}`);
  const sampler = startSampler(place.databaseUrl);
  const sayApplied = ({ planned, atMs, failure }: Applied): void => {
    if (failure !== undefined)
      tell(`  ${seconds(atMs - batchAtMs)}: ${describeFault(planned.fault)}: ${failure}`);
  };
  const faults = applySchedule(place, plan, sayApplied);
  const finishedAtMs = await untilFinished(sampler, batchAtMs + profile.boundMs);
  await faults.done;
  await clearFaults(place);
  const quiet = await settleDown(place, sampler);
  await sampler.stop();
  const record = await readWitness(place);
  const books = await readBooks(place.databaseUrl);
  const audit = await runAudit({ databaseUrl: place.databaseUrl, voice: place.voice });
  const recovery = measuredRecovery(faults.applied, sampler);
  const findings: readonly Finding[] = [
    ...judge({
      record,
      books,
      audit,
      lines: profile.lines,
      reachedShare,
      answeredShare,
      isAtRest: quiet && finishedAtMs !== undefined,
    }),
    ...tooSlow(recovery),
    ...(quiet ? [] : [{ kind: 'not_quiet' as const, subject: batch.batchId, detail: 'calls still run' }]),
  ];
  const { recoveredMs = null } = recovery ?? {};
  return {
    seed,
    profile: profile.name,
    contacts: profile.contacts,
    faults: faults.applied.length,
    notDone: faults.applied.filter(({ failure }) => failure !== undefined).length,
    calls: record.calls.length,
    refused: books.refusals,
    unknown: books.attempts.filter(({ wasUnknown }) => wasUnknown).length,
    batchSeconds: finishedAtMs === undefined ? null : inSeconds(finishedAtMs - batchAtMs),
    recoveredSeconds: recoveredMs === null ? null : inSeconds(recoveredMs),
    recovery: recovery ?? null,
    tookSeconds: inSeconds(Date.now() - startedAtMs),
    findings,
    logs: findings.length === 0 ? null : place.stateDir,
  };
}

const pollMs = 250;

/** When the last contact was seen closed; undefined when that took longer than it may. */
async function untilFinished(sampler: Sampler, untilMs: number): Promise<number | undefined> {
  while (Date.now() < untilMs) {
    if (sampler.open()?.isFinished === true) return Date.now();
    await sleep(pollMs);
  }
  return undefined;
}

/** What was still under way when the last contact closed: a call placed late, an analysis, a webhook's retry. */
const settleMs = 75_000;
/** Signals, cost and analysis of the last call come after its end. */
const lastNewsMs = 4_000;

async function settleDown(place: Place, sampler: Sampler): Promise<boolean> {
  const untilMs = Date.now() + settleMs;
  const areQuiet = async (): Promise<boolean> =>
    isQuiet(await readWitness(place), Date.now()) && (sampler.samples.at(-1)?.inUse ?? 1) === 0;
  while (Date.now() < untilMs) {
    if (await areQuiet()) {
      await sleep(lastNewsMs);
      if (await areQuiet()) return true;
    }
    await sleep(pollMs);
  }
  return isQuiet(await readWitness(place), Date.now());
}

function measuredRecovery(applied: readonly Applied[], { samples }: Sampler): Recovery | undefined {
  const death = applied.find(({ planned }) => planned.fault.kind === 'measured_death');
  return death === undefined ? undefined : recoveryOf(samples, death.atMs, death.atMs + quietMs);
}

function tooSlow(recovery: Recovery | undefined): readonly Finding[] {
  if (recovery === undefined) return [];
  const { recoveredMs, before, least } = recovery;
  if (recoveredMs !== null && recoveredMs <= neededRecoveryMs) return [];
  const after = recoveredMs === null ? 'not back' : `back after ${seconds(recoveredMs)}`;
  return [
    {
      kind: 'slow_recovery',
      subject: 'lines',
      detail: `${after}: ${before.toFixed(1)} lines in use before, ${least.toFixed(1)} at least`,
    },
  ];
}

function inSeconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
