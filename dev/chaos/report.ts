import type { Finding, FindingKind } from './judge.ts';
import type { SeedResult } from './run-seed.ts';

const findingWords: Readonly<Record<FindingKind, string>> = {
  double_dial: 'un intento marcado dos veces',
  calls_at_once: 'dos llamadas a la vez a una persona',
  too_many_a_day: 'más llamadas en un día que las permitidas',
  called_after_answer: 'se llamó a quien ya había contestado',
  lines_overshot: 'más llamadas a la vez que líneas',
  unknown_call: 'una llamada que no es de ningún intento',
  not_settled: 'una llamada del proveedor sin cerrar, o mal cobrada',
  settled_twice: 'una llamada cerrada dos veces',
  leaked_line: 'una línea que nadie devolvió',
  leaked_hold: 'una reserva que nadie resolvió',
  open_contact: 'un contacto o un lote sin terminar',
  ledger_difference: 'una diferencia en el libro',
  undelivered: 'avisos sin entregar',
  nothing_done: 'no se trabajó lo suficiente',
  slow_recovery: 'las líneas tardaron en volver a usarse',
  not_quiet: 'el proveedor sigue con llamadas',
  audit: 'una falta en la auditoría',
};

/** One line a seed. */
export function seedLine(result: SeedResult): string {
  const { seed, profile, faults, notDone, calls, refused, unknown, batchSeconds, tookSeconds } = result;
  const mark = result.findings.length === 0 ? '✓' : '✗';
  const undone = notDone === 0 ? '' : ` (${notDone} no se pudieron)`;
  return [
    `${mark} semilla ${seed}${profile === 'full' ? '' : ` (${profile})`}`,
    `${faults} fallas${undone}`,
    `${calls} llamadas`,
    `${total(refused)} turnos sin llamada${refusalWords(refused)}`,
    `${unknown} resultados inciertos`,
    `lote ${batchSeconds === null ? 'sin terminar' : spoken(batchSeconds)}`,
    recoveryWords(result),
    `${result.findings.length} hallazgos`,
    spoken(tookSeconds),
  ].join(' · ');
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

/** Without those whose wave was over, which are most of them and nobody's fault. */
function refusalWords(counts: Readonly<Record<string, number>>): string {
  const telling = Object.entries(counts).filter(([reason]) => reason !== 'no_line');
  return telling.length === 0
    ? ''
    : ` (${telling.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
}

function recoveryWords({ recoveredSeconds, recovery }: SeedResult): string {
  if (recovery === null) return 'recuperación sin medir';
  const { before, least } = recovery;
  const lines = `${spoken1(before)} líneas, mínimo ${spoken1(least)}`;
  return recoveredSeconds === null
    ? `sin recuperarse (${lines})`
    : `recuperado en ${spoken(recoveredSeconds)} (${lines})`;
}

const findingsShown = 12;

export function findingLines({ findings, logs }: SeedResult): readonly string[] {
  const shown = findings.slice(0, findingsShown).map(findingLine);
  const hidden = findings.length - shown.length;
  return [
    ...shown,
    ...(hidden > 0 ? [`    … y ${hidden} más`] : []),
    ...(logs === null ? [] : [`    registros: ${logs}`]),
  ];
}

function findingLine({ kind, subject, detail }: Finding): string {
  return `    ${kind} · ${findingWords[kind]} · ${subject}: ${detail}`;
}

/** The end of a run of several seeds. */
export function summaryLines(results: readonly SeedResult[]): readonly string[] {
  const sum = (of: (one: SeedResult) => number): number => results.reduce((all, one) => all + of(one), 0);
  const measured = results.flatMap(({ recovery, recoveredSeconds }) =>
    recovery === null ? [] : [recoveredSeconds ?? Infinity],
  );
  const failed = results.filter(({ findings }) => findings.length > 0);
  const longest = Math.max(0, ...measured);
  const worst =
    measured.length === 0 ? 'sin medir' : longest === Infinity ? 'no se recuperó' : spoken(longest);
  return [
    '',
    `${results.length} semillas: ${sum(({ faults }) => faults)} fallas, ${sum(({ calls }) => calls)} llamadas, ` +
      `${sum(({ refused }) => total(refused))} turnos sin llamada, ${sum(({ unknown }) => unknown)} resultados inciertos.`,
    `Recuperación tras la muerte de un worker: ${measured.length} medidas, la peor ${worst} (se piden 15 s).`,
    failed.length === 0
      ? 'Sin hallazgos.'
      : `Con hallazgos: semillas ${failed.map(({ seed }) => seed).join(', ')}. Para repetir una: npm run chaos -- --seed ${failed[0]?.seed ?? 1}`,
  ];
}

function spoken(seconds: number): string {
  return `${spoken1(seconds)} s`;
}

function spoken1(value: number): string {
  return value.toFixed(1).replace('.', ',');
}
