import { counted } from '../domain/shared/rules/written.ts';
import type { AuditReport, InvariantReport } from './types.ts';

const samplesShown = 3;

/** The report as a table in Spanish: what was looked at, how much of it, and what is wrong. */
export function describeReport(report: AuditReport): string {
  const names = Math.max(...report.invariants.map(({ name }) => name.length));
  const counts = Math.max(...report.invariants.map(({ checked }) => String(checked).length), 'filas'.length);
  const heading = `   ${'control'.padEnd(names)}  ${'filas'.padStart(counts)}  problemas`;
  const lines = report.invariants.flatMap((one) => describeOne(one, names, counts));
  return [heading, ...lines, '', ...describeHeads(report), conclusion(report)].join('\n');
}

/** Where the chains of audit rows end. A chain that was cut at its end closes: compare with the log. */
function describeHeads({ heads }: AuditReport): readonly string[] {
  if (heads.length === 0) return [];
  const lines = heads.map(({ account, no, hash }) => `   ${account}  ${no}  ${hash}`);
  return ['Cabezas de las cadenas de auditoría (cuenta, eslabones, hash):', ...lines, ''];
}

function describeOne(one: InvariantReport, names: number, counts: number): string[] {
  const checked = one.compared ? String(one.checked) : '–';
  const breaches = one.compared ? String(one.breachCount) : '–';
  const row = `${mark(one)}  ${one.name.padEnd(names)}  ${checked.padStart(counts)}  ${breaches.padStart(9)}  ${one.statement_es}`;
  const shown = one.breaches
    .slice(0, samplesShown)
    .map(({ subject, detail }) => `     ${subject}: ${detail}`);
  const hidden = one.breachCount - shown.length;
  return [row, ...shown, ...(hidden > 0 ? [`     … y ${hidden} más`] : [])];
}

function mark({ compared, breachCount }: InvariantReport): string {
  if (!compared) return '–';
  return breachCount === 0 ? '✓' : '✗';
}

function conclusion({ clean, invariants, accounts }: AuditReport): string {
  const compared = invariants.filter((one) => one.compared);
  const rows = compared.reduce((sum, one) => sum + one.checked, 0);
  const left = invariants.length - compared.length;
  const missing = left === 0 ? '' : ` ${left} sin comparar: no hay registro del proveedor de voz.`;
  const looked = `${counted(compared.length, 'control', 'controles')}, ${counted(rows, 'fila revisada', 'filas revisadas')}, ${counted(accounts, 'cuenta')}.${missing}`;
  if (clean) return `Auditoría limpia: ${looked}`;
  const broken = compared.filter((one) => one.breachCount > 0);
  const breaches = broken.reduce((sum, one) => sum + one.breachCount, 0);
  return `Auditoría con ${counted(breaches, 'problema')} en ${counted(broken.length, 'control', 'controles')}. ${looked}`;
}
