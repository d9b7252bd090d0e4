/**
 * `npm run soak -- --minutes 30`: batches one after the other under a calm provider's faults, and the memory of each process.
 * Exit 0 when worker and API stay flat and nothing else was found, 1 when not, 2 when it could not run.
 */
import { batchOf } from '../../cli/find-batch.ts';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { runAudit } from '../../audit/run.ts';
import { readArguments } from '../help.ts';
import { applySchedule } from './apply.ts';
import { createCustomer, type Customer, peopleFile, startChaosBatch } from './batch.ts';
import { readBooks } from './books.ts';
import { WORKERS } from './faults.ts';
import { type Finding, judge } from './judge.ts';
import {
  type CollectedSample,
  type MemorySample,
  type MemoryVerdict,
  memoryVerdict,
  readCollected,
} from './memory.ts';
import { type Place, startPlace } from './place.ts';
import { residentMb } from './processes.ts';
import { calm, schedule } from './schedule.ts';
import { clearFaults, isQuiet, readWitness } from './witness.ts';

const sampleEveryMs = 10_000;
const pollMs = 500;
/** Below this the caches are still filling, and a slope says nothing. */
const leastMinutes = 10;
const judged = [...WORKERS, 'api'] as const;
const watched = [...judged, 'temporal', 'voice'] as const;
type Watched = (typeof watched)[number];

const usage = 'Uso: npm run soak -- [--minutes N] [--json]';
const { values } = readArguments(usage, {
  minutes: { type: 'string', default: '30' },
  json: { type: 'boolean', default: false },
});
const minutes = Number(values.minutes);
const isLongEnough = minutes >= leastMinutes;
const tell = values.json ? () => undefined : (line: string) => console.log(line);

async function main(): Promise<number> {
  if (!(minutes > 0 && minutes <= 24 * 60)) throw new Error('--minutes: de 1 a 1440');
  const place = await startPlace({ lines: calm.lines, seed: 1, notesMemory: true });
  try {
    return await soak(place);
  } finally {
    await place.close({ keepLogs: false });
  }
}

async function soak(place: Place): Promise<number> {
  const startedAtMs = Date.now();
  const customer = await createCustomer(place, calm, minutes);
  const watching = watchMemory(place);
  let batches = 0;
  for (; Date.now() - startedAtMs < minutes * 60_000; batches += 1) await workOne(place, customer, batches);
  watching.stop();
  const findings = await judgeAll(place);
  const calls = (await readWitness(place)).calls.length;
  const parts = await Promise.all(judged.map((part) => lookBack(place, part)));
  if (values.json) {
    const samples = Object.fromEntries(watched.map((part) => [part, watching.of(part)]));
    const memory = Object.fromEntries(parts.map(({ part, verdict }) => [part, verdict]));
    const collected = Object.fromEntries(parts.map((one) => [one.part, one.collected]));
    console.log(JSON.stringify({ minutes, batches, calls, memory, collected, samples, findings }));
  }
  tell(`${batches} lotes de ${calm.contacts} contactos, ${calls} llamadas en ${minutes} min`);
  tell('Memoria residente tras cada recolección:');
  for (const part of parts) for (const line of judgedLines(part)) tell(line);
  tell('Memoria residente cada 10 s, sin veredicto:');
  for (const part of watched) for (const line of seenLines(part, watching.of(part))) tell(line);
  for (const { kind, subject, detail } of findings) tell(`  ${kind} · ${subject}: ${detail}`);
  if (!isLongEnough) tell(`Sin veredicto de memoria: menos de ${leastMinutes} minutos.`);
  const areFlat = parts.every(({ verdict }) => verdict?.flat === true);
  tell(findings.length === 0 ? 'Sin hallazgos.' : `${findings.length} hallazgos.`);
  return findings.length === 0 && (areFlat || !isLongEnough) ? 0 : 1;
}

/** One batch of new people, to its end. */
async function workOne(place: Place, customer: Customer, nth: number): Promise<void> {
  const csv = peopleFile(calm.contacts, nth * calm.contacts);
  const { batchId } = await startChaosBatch(place, customer, csv);
  const faults = applySchedule(place, schedule(nth + 1, calm), () => undefined);
  const untilMs = Date.now() + calm.boundMs;
  while ((await batchOf(customer.api, batchId)).state !== 'finished') {
    if (Date.now() > untilMs) throw new Error(`batch ${nth + 1} did not end within ${calm.boundMs / 1000} s`);
    await sleep(pollMs);
  }
  await faults.done;
  await clearFaults(place);
  tell(`  lote ${nth + 1} terminado`);
}

const settleMs = 60_000;

async function judgeAll(place: Place): Promise<readonly Finding[]> {
  const untilMs = Date.now() + settleMs;
  while (Date.now() < untilMs && !isQuiet(await readWitness(place), Date.now())) await sleep(pollMs);
  await sleep(sampleEveryMs);
  const record = await readWitness(place);
  const books = await readBooks(place.databaseUrl);
  const audit = await runAudit({ databaseUrl: place.databaseUrl, voice: place.voice });
  return judge({
    record,
    books,
    audit,
    lines: calm.lines,
    reachedShare: 0.98,
    answeredShare: 0.9,
    isAtRest: true,
  });
}

interface MemoryWatch {
  of(part: Watched): readonly MemorySample[];
  stop(): void;
}

function watchMemory(place: Place): MemoryWatch {
  const samples = new Map<Watched, MemorySample[]>(watched.map((part) => [part, []]));
  const look = (): void => {
    for (const part of watched) {
      const pid = place.pidOf(part);
      const mb = pid === undefined ? undefined : residentMb(pid);
      if (mb !== undefined) samples.get(part)?.push({ atMs: Date.now(), mb });
    }
  };
  look();
  const timer = setInterval(look, sampleEveryMs);
  return { of: (part) => samples.get(part) ?? [], stop: () => clearInterval(timer) };
}

interface JudgedPart {
  readonly part: (typeof judged)[number];
  /** Right after each collection. */
  readonly collected: readonly CollectedSample[];
  readonly verdict: MemoryVerdict | undefined;
}

async function lookBack(place: Place, part: JudgedPart['part']): Promise<JudgedPart> {
  const collected = readCollected(await readFile(place.memoryFile(part), 'utf8').catch(() => ''));
  return { part, collected, verdict: memoryVerdict(collected) };
}

function judgedLines({ part, collected, verdict }: JudgedPart): readonly string[] {
  if (verdict === undefined) return [`  ${part}: muy pocas muestras`];
  const { firstMb, lastMb, mostMb, slopeMbPerMinute, growth, flat } = verdict;
  const mark = isLongEnough ? (flat ? '✓' : '✗') : '·';
  return [
    `${mark} ${part}: ${spoken(firstMb)} → ${spoken(lastMb)} MB, máximo ${spoken(mostMb)}; ` +
      `${spoken(slopeMbPerMinute)} MB/min en los dos últimos tercios (${spoken(growth * 100)} %)`,
    `    ${collected.map(({ mb }) => mb.toFixed(0)).join(' ')}`,
    `    heap: ${collected.map(({ heapMb }) => heapMb.toFixed(0)).join(' ')}`,
  ];
}

function seenLines(part: string, samples: readonly MemorySample[]): readonly string[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [`  ${part}: sin muestras`];
  const most = Math.max(...samples.map(({ mb }) => mb));
  return [
    `  ${part}: ${spoken(first.mb)} → ${spoken(last.mb)} MB, máximo ${spoken(most)}`,
    `    ${samples.map(({ mb }) => mb.toFixed(0)).join(' ')}`,
  ];
}

function spoken(value: number): string {
  return value.toFixed(1).replace('.', ',');
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = 2;
  console.error(error instanceof Error ? error.message : error);
}
