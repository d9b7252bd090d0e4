import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill } from '../../../domain/tools/arguments.ts';
import { evidenceOf } from '../../../domain/calls/call-session.ts';
import { newCode } from '../../../domain/payments/links.ts';
import { registerCsv } from '../../../domain/people/register.ts';
import { disclosureVariables } from '../../../domain/policy/rules/disclosures.ts';
import { gate } from '../../../domain/policy/rules/gate.ts';
import { dialledBefore } from '../../support/past-calls.ts';
import { checkLastDigits } from '../../../domain/calls/rules/identity.ts';
import { addDays } from '../../../domain/negotiation/rules/instalments.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { chooseStage } from '../../../domain/negotiation/rules/stage.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { readCollection } from '../../../domain/usecases/outcome.ts';
import { detect, useCases } from '../../../domain/usecases/registry.ts';

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

describe('identity', () => {
  it('is confirmed by the last four digits or more of the national id, by no others, and by no fewer', () => {
    fc.assert(
      fc.property(digits(8), fc.integer({ min: 1, max: 8 }), digits(6), (body, length, other) => {
        const last = body.slice(-length);
        expect(checkLastDigits(`${body}-K`, last)).toBe(length < 4 ? 'too_few' : 'match');
        if (!body.endsWith(other)) expect(checkLastDigits(`${body}-K`, other)).toBe('mismatch');
      }),
    );
  });

  it('in a call is what was established last, and nothing else establishes it', () => {
    const row = fc.record({
      name: fc.constantFrom('confirm_identity', 'report', 'get_offers', 'accept_offer'),
      code: fc.constantFrom('confirmed', 'wrong_person', 'identity_mismatch', 'noted', 'agreed'),
      kind: fc.constantFrom('wrong_person', 'legal', 'refuses'),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const heard = evidenceOf(
          rows.map(({ name, code, kind }) => ({ name, args: { kind }, answer: { code }, refused: null })),
        );
        const words = rows.flatMap(({ name, code, kind }) => {
          if (name === 'confirm_identity' && (code === 'confirmed' || code === 'wrong_person')) return [code];
          return name === 'report' && kind === 'wrong_person' ? ['wrong_person'] : [];
        });
        expect(heard.identity).toBe(words.at(-1) ?? 'unknown');
        expect(heard.reports.has('wrong_person')).toBe(words.at(-1) === 'wrong_person');
      }),
    );
  });
});

describe('the stage of a debt', () => {
  it('is one of the negotiation, by the days of the oldest debt that is still owed, whatever else was paid', () => {
    const debt = fc.record({
      late: fc.oneof(fc.integer({ min: -60, max: 400 }), fc.constantFrom(0, 30, 31, 90, 91)),
      pesos: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.constant(0)),
    });
    const today = '2027-03-08';
    fc.assert(
      fc.property(fc.array(debt, { maxLength: 6 }), (debts) => {
        const open = debts.map(({ late, pesos }, index) => ({
          id: String(index),
          balanceMicros: BigInt(pesos) * 1_000_000n,
          currency: 'CLP',
          dueDate: addDays(today, -late),
          reference: null,
        }));
        const days = Math.max(0, ...debts.filter(({ pesos }) => pesos > 0).map(({ late }) => late));
        const expected = days <= 30 ? 'early' : days <= 90 ? 'mid' : 'late';
        expect(chooseStage(collectionStandard, open, today).key).toBe(expected);
      }),
    );
  });
});

describe('what a collection call came to', () => {
  it('is a promise only for a day that exists from today on, and an amount above nothing and up to the debt', () => {
    const day = fc.oneof(
      fc.integer({ min: -40, max: 40 }).map((days) => addDays('2027-03-08', days)),
      fc.constantFrom('2027-02-30', 'mañana', ''),
    );
    const amount = fc.oneof(fc.integer({ min: -5, max: 200 }).map(String), fc.constantFrom('harto', ''));
    fc.assert(
      fc.property(day, amount, (date, pesos) => {
        const { outcome, promise } = readCollection({
          disconnectionClass: 'answered',
          captured: { resultado: 'compromiso_pago', fecha_pago_cliente: date, monto_pago_cliente: pesos },
          callEndedAtMs: Date.parse('2027-03-08T15:00:00Z'),
          localDate: '2027-03-08',
          debtTotalMicros: 100_000_000n,
        });
        const isDay = /^2027-0[1-4]/.test(date) && date !== '2027-02-30' && date >= '2027-03-08';
        const isAmount = /^\d+$/.test(pesos) && Number(pesos) > 0 && Number(pesos) <= 100;
        expect(outcome === 'promise').toBe(isDay && isAmount);
        expect(promise !== undefined).toBe(outcome === 'promise');
      }),
    );
  });
});

describe('the gate', () => {
  // Most cases break one rule or none: where everything is forbidden at once, no rule is missed.
  const seldom = fc.integer({ min: 0, max: 7 }).map((draw) => draw === 7);
  const facts = fc.record({
    doNotCall: seldom,
    blocked: seldom,
    phoneInvalid: seldom,
    onCall: seldom,
    stop: fc.constantFrom(null, null, null, 'paid' as const, 'lawsuit' as const, 'insolvency' as const),
    requestedByPerson: fc.boolean(),
    dials: fc.integer({ min: 0, max: 5 }),
    callerId: fc.constantFrom('+566001234567', '+568091234567', '+56961234567', '+566011234567'),
    simulatedPool: fc.boolean(),
  });

  it('lets nothing past a stop, a fourth call of a day, a call that runs or a caller id that is not 600', () => {
    const atMs = Date.parse('2027-03-08T15:00:00Z');
    fc.assert(
      fc.property(facts, ({ dials, ...one }) => {
        const { allowed } = gate({
          ...one,
          atMs,
          latestDialMs: atMs,
          pack: clCollectionWaves,
          zones: ['America/Santiago'],
          callsPerDay: 3,
          history: dialledBefore(atMs, { person: dials }),
        });
        const isForbidden =
          one.doNotCall || one.blocked || one.phoneInvalid || one.onCall || one.stop !== null;
        const isCaller = one.simulatedPool || one.callerId.startsWith('+56600');
        expect(allowed).toBe(!isForbidden && isCaller && dials < 3);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('whatever disclosures a pack asks for are spoken, the others are empty, and none is absent', () => {
  const asked = fc.subarray(['ai', 'recording', 'identity', 'creditor', 'collector', 'debt'] as const);
  fc.assert(
    fc.property(asked, fc.constantFrom('es' as const, 'en' as const), (disclosures, language) => {
      const spoken = disclosureVariables({ disclosures, language });
      const names = {
        ai: 'aviso_ia',
        recording: 'aviso_grabacion',
        identity: 'aviso_identidad',
        creditor: 'aviso_acreedor',
      } as const;
      for (const key of ['ai', 'recording', 'identity', 'creditor'] as const) {
        expect(spoken[names[key]] !== '').toBe(disclosures.includes(key));
        expect(spoken[names[key]]).toBeDefined();
      }
    }),
  );
});

it('whatever of its columns a file names, in any order, its use case is found, or named among those that fit', () => {
  for (const useCase of useCases) {
    const headers = fc
      .tuple(
        ...useCase.columns
          .filter(({ required, marker }) => required === true || marker !== undefined)
          .map(({ label, aliases }) => fc.constantFrom(label, ...aliases)),
      )
      .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
    fc.assert(
      fc.property(headers, (row) => {
        const found = detect(row);
        // Whom a file calls a debtor is asked about, and not offered something: it looks like collection and lacks columns.
        const isOfDebtors = row.some((header) => /deudor|debtor/.test(header));
        // Beside an invoice it may be the invoice's number or the person's: it is asked about, and nobody's id is guessed.
        const hasTwoMeanings =
          row.includes('documento') && row.some((header) => /emisi[oó]n|factura|boleta/i.test(header));
        if ((isOfDebtors || hasTwoMeanings) && found.kind === 'none') {
          expect(found.nearest?.useCase.key, row.join(' | ')).toBe('debt_collection');
          if (!hasTwoMeanings) expect(useCase.key).not.toBe('debt_collection');
          return;
        }
        const keys =
          found.kind === 'found'
            ? [found.match.useCase.key]
            : found.kind === 'ambiguous'
              ? found.matches.map((match) => match.useCase.key)
              : [];
        expect(keys, row.join(' | ')).toContain(useCase.key);
      }),
      { numRuns: 200 },
    );
  }
});

it('the arguments of a tool keep no placeholder that has a value, and a number stays a number', () => {
  const values = { 'agreement.amount': 123, creditor: 'Tienda' };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('{{agreement.amount}}', '{{ creditor }}', 'a', ' '), { minLength: 1 }),
      (parts) => {
        const filled = fill({ one: parts.join(''), list: parts }, values);
        expect(JSON.stringify(filled)).not.toContain('{{');
        const alone = parts.length === 1 && parts[0] === '{{agreement.amount}}';
        if (alone) expect(filled).toEqual({ one: 123, list: [123] });
      },
    ),
  );
});

it('a short link cannot be guessed: eleven letters and digits or more, never the same twice', () => {
  const codes = Array.from({ length: 20_000 }, newCode);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toMatch(/^[0-9A-Za-z]{11,}$/);
});

it('no text of a register is run by Excel, whatever it is', () => {
  const risky = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '"', ',', 'a', '1');
  fc.assert(
    fc.property(fc.array(risky, { minLength: 1, maxLength: 6 }), (letters) => {
      const name = letters.join('');
      const person = { id: 'p1', name, national_id: null, country: 'CL' };
      const csv = registerCsv({ person, zone: 'America/Santiago', rows: [{ ...registerRow, batch: name }] });
      for (const cell of cellsOf(csv)) expect(cell).not.toMatch(/^([=@\t\r]|[+-](?!\d+$))/);
      expect(cellsOf(csv).join('')).toContain(name);
    }),
  );
});

/** The cells of a CSV text, without their quotes. */
function cellsOf(csv: string): readonly string[] {
  return [...csv.matchAll(/(?:^|,|\r\n)("(?:[^"]|"")*"|[^,\r\n]*)/g)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}

const registerRow = {
  at: new Date('2027-03-08T15:00:00Z'),
  kind: 'call',
  reference: 'a1',
  channel: 'phone',
  number: '56961234567',
  state: 'ended',
  outcome: 'promise',
  disconnection_reason: 'user_hangup',
  human: true,
  duration_ms: 61_400,
  reason: null,
  rule: null,
  pack: 'cl-collection-strict@2',
  contact_id: 'c1',
  requested: false,
  waived: [],
  failure: null,
} as const;
