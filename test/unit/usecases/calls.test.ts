import { describe, expect, test } from 'vitest';
import type { CallFacts } from '../../../domain/usecases/outcome.ts';
import { useCaseByKey, useCases } from '../../../domain/usecases/registry.ts';
import type { Debt, UseCase } from '../../../domain/usecases/types.ts';
import { earliestDay, spokenAmount, spokenList } from '../../../domain/usecases/variables.ts';

function known(key: string): UseCase {
  const useCase = useCaseByKey(key);
  if (useCase === undefined) throw new Error(`no use case ${key}`);
  return useCase;
}

describe('the agent’s variables', () => {
  const banco: Debt = {
    creditor: 'Banco',
    amountMicros: 104_050_000_000n,
    currency: 'CLP',
    dueDate: '2026-09-30',
    reference: 'A1',
  };
  const retail: Debt = {
    creditor: 'Retail',
    amountMicros: 50_000_000n,
    currency: 'CLP',
    dueDate: '2026-08-01',
  };
  const collection = known('debt_collection');
  const row = (debt: Debt, instalments: string) => ({
    variables: collection.variables({
      name: 'Ana',
      nationalId: '1-9',
      debt,
      fields: { instalments },
      free: {},
    }),
    debt,
  });

  test('every variable is set even when the row knows nothing: the provider would read its braces aloud', () => {
    for (const useCase of useCases) {
      const values = Object.values(useCase.variables({ name: 'Ana', fields: {}, free: {} }));
      expect(values.length).toBeGreaterThan(1);
      expect(values.every((value) => typeof value === 'string')).toBe(true);
    }
  });

  test('one debt is spoken as it is', () => {
    expect(row(banco, '2').variables).toEqual({
      nombre: 'Ana',
      rut: '1-9',
      cuotas_adeudadas: '2',
      fecha_maxima: '',
      empresa: 'Banco',
      monto_total: '104050',
      fecha_limite: '2026-09-30',
      numero_referencia: 'A1',
    });
  });

  test('several debts are one sum, the earliest date and all creditors', () => {
    const merged = collection.mergeVariables([row(banco, '2'), row(retail, '3')]);
    expect(merged).toMatchObject({
      nombre: 'Ana',
      empresa: 'Banco y Retail',
      monto_total: '104100',
      fecha_limite: '2026-08-01',
      cuotas_adeudadas: '5',
      numero_referencia: 'A1',
    });
  });

  test('instalments that one row does not know are not summed', () => {
    expect(collection.mergeVariables([row(banco, '2'), row(retail, '')])['cuotas_adeudadas']).toBe('');
  });

  test('debts in two currencies are never added', () => {
    const merged = collection.mergeVariables([row(banco, ''), row({ ...retail, currency: 'USD' }, '')]);
    expect(merged['monto_total']).toBe('104050 CLP y 50 USD');
  });

  test('two rows of one person without debts are told both, each day with its own hour', () => {
    const notice = known('notification');
    const told = (fecha: string, hora: string, sala: string) => ({
      variables: notice.variables({ name: 'Ana', fields: {}, free: { fecha, hora, sala } }),
    });
    const [first, second, third] = [
      told('2027-03-01', '09:15', 'B'),
      told('2027-03-04', '11:00', 'B'),
      told('2027-03-09', '09:15', 'B'),
    ];
    if (first === undefined || second === undefined || third === undefined) throw new Error('no rows');
    expect(notice.mergeVariables([first, second, third])).toEqual({
      nombre: 'Ana',
      name: 'Ana',
      fecha: '2027-03-01, 2027-03-04 y 2027-03-09',
      hora: '09:15, 11:00 y 09:15',
      sala: 'B',
    });
    expect(notice.mergeVariables([first])).toEqual(first.variables);
    // A switchboard's rows are not all read aloud.
    const many = Array.from({ length: 5_000 }, (_, at) => told(`día ${at}`, '', ''));
    expect(notice.mergeVariables([first, ...many])['fecha']?.length).toBeLessThan(200);
  });

  test('a free column cannot replace the name', () => {
    const values = known('notification').variables({
      name: 'Ana',
      fields: {},
      free: { nombre: 'otra', var1: 'x' },
    });
    expect(values).toMatchObject({ nombre: 'Ana', var1: 'x' });
  });

  test('amounts, lists and days are spoken plainly', () => {
    expect(spokenAmount(1_234_500_000n)).toBe('1234.50');
    expect(spokenAmount(1_234_567_000n)).toBe('1234.567');
    expect(spokenList(['A', 'B', 'A', '', 'C'])).toBe('A, B y C');
    expect(spokenList([])).toBe('');
    expect(earliestDay(['', '2026-02-01', '2026-01-31'])).toBe('2026-01-31');
    expect(earliestDay([''])).toBe('');
  });
});

describe('what a finished call means', () => {
  const collection = known('debt_collection');
  const call = (changes: Partial<CallFacts>): CallFacts => ({
    disconnectionClass: 'answered',
    captured: {},
    callEndedAtMs: Date.UTC(2026, 10, 23, 15),
    localDate: '2026-11-23',
    debtTotalMicros: 100_000_000_000n,
    ...changes,
  });
  const promise = (fecha: string, monto: string, resultado?: string) =>
    collection.readOutcome(
      call({
        captured: {
          fecha_pago_cliente: fecha,
          monto_pago_cliente: monto,
          ...(resultado === undefined ? {} : { resultado }),
        },
      }),
    );

  test('a date from today on and an amount up to the debt is a promise', () => {
    const amountMicros = 100_000_000_000n;
    expect(promise('2026-11-23', '100000')).toEqual({
      outcome: 'promise',
      promise: { date: '2026-11-23', amountMicros },
    });
    expect(promise('2026-12-01', '$100.000', 'compromiso_pago').promise).toEqual({
      date: '2026-12-01',
      amountMicros,
    });
  });

  test.each([
    ['PEN', '830.25', 830_250_000n],
    ['PEN', 'S/ 1,830.25', 1_830_250_000n],
    ['USD', '1.830,25', 1_830_250_000n],
    ['USD', '$1,830', 1_830_000_000n],
    ['PEN', '830', 830_000_000n],
    ['PEN', '1.830', undefined],
    ['CLP', '83.000', 83_000_000_000n],
    ['CLP', '83000.00', 83_000_000_000n],
    ['CLP', '830.25', undefined],
    ['CLP', '83.00.00', undefined],
    ['PEN', '1,83,0', undefined],
  ])('an amount as agents write it in %s: %s', (currency, monto, amountMicros) => {
    const { outcome, promise: made } = collection.readOutcome(
      call({ currency, captured: { fecha_pago_cliente: '2026-11-30', monto_pago_cliente: monto } }),
    );
    expect([outcome, made?.amountMicros]).toEqual([
      amountMicros === undefined ? 'answered' : 'promise',
      amountMicros,
    ]);
  });

  test.each([
    ['2026-11-22', '1000', 'promise_in_the_past'],
    ['2025-09-01', '104050', 'promise_in_the_past'],
    ['2026-11-30', '0', 'promise_without_amount'],
    ['2026-11-30', '', 'promise_without_amount'],
    ['2026-11-30', 'mil', 'promise_without_amount'],
    ['2026-11-30', '-5', 'promise_without_amount'],
    ['2026-11-30', '100001', 'promise_above_debt'],
    ['', '1000', 'promise_without_date'],
    ['mañana', '1000', 'promise_without_date'],
    ['2026-02-30', '1000', 'promise_without_date'],
  ])('%s and %s is no promise: answered, with the note %s', (fecha, monto, note) => {
    expect(promise(fecha, monto)).toEqual({ outcome: 'answered', note });
  });

  test('the result "compromiso_pago" alone is not a promise', () => {
    expect(collection.readOutcome(call({ captured: { resultado: 'compromiso_pago' } }))).toEqual({
      outcome: 'answered',
      note: 'promise_without_date',
    });
  });

  test.each([
    ['ya_pago', 'already_paid'],
    ['persona_equivocada', 'wrong_person'],
    ['pide_llamar_despues', 'callback_requested'],
    ['rechaza', 'refused'],
    ['no_llamar', 'do_not_call'],
    ['sin_compromiso', 'answered'],
    [' No_Llamar ', 'do_not_call'],
    ['No llamar', 'do_not_call'],
    ['no_llamar.', 'do_not_call'],
    ['do_not_call', 'do_not_call'],
    ['NO-LLAMAR', 'do_not_call'],
    ['No me llamen más', 'do_not_call'],
    ['Ya pagó', 'already_paid'],
    ['Persona equivocada', 'wrong_person'],
    ['Número equivocado', 'wrong_person'],
    ['Pide llamar después', 'callback_requested'],
  ])('the result %s means %s, whatever figures were talked about', (resultado, outcome) => {
    expect(promise('2026-11-30', '1000', resultado)).toEqual({ outcome });
  });

  test.each([
    ['answered_silent', 'silent'],
    ['voicemail', 'voicemail'],
    ['machine', 'voicemail'],
    ['no_answer', 'no_answer'],
    ['busy', 'busy'],
    ['declined', 'declined'],
    ['technical', 'technical'],
    ['invalid_destination', 'invalid_destination'],
    ['capacity', 'capacity'],
    ['provider_blocked', 'provider_blocked'],
    ['operator_stopped', 'operator_stopped'],
  ] as const)('%s is %s, in every use case, also with captured values', (disconnectionClass, outcome) => {
    const captured = {
      fecha_pago_cliente: '2026-11-30',
      monto_pago_cliente: '1000',
      resultado: 'interesado',
    };
    for (const useCase of useCases) {
      expect(useCase.readOutcome(call({ disconnectionClass, captured }))).toEqual({ outcome });
    }
  });

  test('who asked not to be called before the line was cut is not called again', () => {
    const captured = { resultado: 'no_llamar' };
    for (const useCase of useCases) {
      for (const disconnectionClass of ['technical', 'operator_stopped', 'answered_silent'] as const) {
        expect(useCase.readOutcome(call({ disconnectionClass, captured })).outcome).toBe('do_not_call');
      }
      expect(useCase.readOutcome(call({ disconnectionClass: 'voicemail', captured })).outcome).toBe(
        'voicemail',
      );
    }
  });

  test('a call without payments is completed when the provider says so, interested when the person was', () => {
    const survey = known('user_experience');
    expect(survey.readOutcome(call({ successful: true })).outcome).toBe('completed');
    expect(survey.readOutcome(call({})).outcome).toBe('answered');
    const interested = call({ captured: { resultado: 'interesado' }, successful: true });
    expect(known('marketing').readOutcome(interested).outcome).toBe('interested');
  });

  test('a result named like a built-in property is not said', () => {
    expect(collection.readOutcome(call({ captured: { resultado: 'constructor' } }))).toEqual({
      outcome: 'answered',
    });
  });
});
