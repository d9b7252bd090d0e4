import { expect, it } from 'vitest';
import { checkRules, type CheckedCall } from '../../../domain/rehearsal/report/check-rules.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';

const zones = ['America/Santiago'] as const;
/** A Wednesday in summer time. */
const call = (at: string, more: Partial<CheckedCall> = {}): CheckedCall => {
  const atMs = Date.parse(`${at}:00-03:00`);
  return { atMs, endedAtMs: atMs + 60_000, human: false, requested: false, ...more };
};

function breaches(...calls: readonly CheckedCall[]): Readonly<Record<string, readonly string[]>> {
  const people = [{ row: 7, zones, pack: clCollectionWaves, calls }];
  const checks = checkRules(collectionWaves, clCollectionWaves, people);
  for (const check of checks) expect(check.calls).toBe(calls.length);
  return Object.fromEntries(checks.map((check) => [check.rule, check.breaches]));
}

const hours = 'dentro del horario y los días permitidos donde vive la persona';
const silence = '7 días sin llamadas después de que alguien contestó';
const daily = 'a lo más 3 llamadas al día por persona';
const total = 'a lo más 9 llamadas por persona en total';

it('a life within the rules breaks none of them', () => {
  const found = breaches(
    call('2026-12-02T09:00'),
    call('2026-12-02T12:00'),
    call('2026-12-02T15:00', { human: true }),
    call('2026-12-09T15:01'),
  );
  expect(found).toEqual({ [hours]: [], [silence]: [], [daily]: [], [total]: [] });
});

it('a call within seven days of an answered one is told by row and instant, unless the person asked for it', () => {
  const answered = call('2026-12-02T15:00', { human: true });
  // A minute before the seven days after its end are over.
  expect(breaches(answered, call('2026-12-09T15:00'))[silence]).toEqual([
    'fila 7, miércoles 09-12-2026 15:00',
  ]);
  expect(breaches(answered, call('2026-12-03T09:00', { requested: true }))[silence]).toEqual([]);
  expect(breaches(answered, call('2026-12-09T15:01'))[silence]).toEqual([]);
  // An answer to the call that somebody asked for begins a silence of its own.
  const asked = call('2026-12-04T09:00', { requested: true, human: true });
  expect(breaches(answered, asked, call('2026-12-10T12:00'))[silence]).toEqual([
    'fila 7, jueves 10-12-2026 12:00',
  ]);
});

it('a call outside the hours, on a Sunday or on a holiday is told', () => {
  expect(
    breaches(call('2026-12-02T22:00'), call('2026-12-06T12:00'), call('2026-12-08T12:00'))[hours],
  ).toEqual([
    'fila 7, miércoles 02-12-2026 22:00',
    'fila 7, domingo 06-12-2026 12:00',
    'fila 7, martes 08-12-2026 12:00',
  ]);
});

it('the fourth call of a day and the tenth of all are told', () => {
  const day = (date: string) => ['09:00', '12:00', '15:00'].map((time) => call(`${date}T${time}`));
  expect(breaches(...day('2026-12-02'), call('2026-12-02T16:00'))[daily]).toEqual([
    'fila 7, miércoles 02-12-2026 16:00',
  ]);
  const ten = [...day('2026-12-02'), ...day('2026-12-03'), ...day('2026-12-04'), call('2026-12-05T09:00')];
  expect(breaches(...ten)[total]).toEqual(['fila 7, sábado 05-12-2026 09:00']);
  expect(breaches(...ten.slice(0, 9))[total]).toEqual([]);
});
