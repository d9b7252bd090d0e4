import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf } from '../../../domain/calls/call-session.ts';
import { checkLastDigits } from '../../../domain/calls/rules/identity.ts';
import { readUnits } from '../../../domain/contacts/rules/spoken.ts';

describe('the last digits of a national id', () => {
  it.each([
    ['5678', 'match'],
    ['678-5', 'match'],
    ['12.345.678-5', 'match'],
    ['678', 'too_few'],
    ['', 'too_few'],
    ['uno', 'too_few'],
    ['1234', 'mismatch'],
    ['912345678', 'mismatch'],
  ])('%s: %s', (said, verdict) => {
    expect(checkLastDigits('12345678-5', said)).toBe(verdict);
  });

  it.each([
    ['cinco seis siete ocho', 'match'],
    ['Cinco, seis, siete, ocho.', 'match'],
    ['cincuenta y seis setenta y ocho', 'match'],
    ['cinco seis setenta y ocho', 'match'],
    ['5 6 7 8', 'match'],
    ['56 78', 'match'],
    ['terminado en 5678', 'match'],
    ['mi rut termina en cinco seis siete ocho, por favor', 'match'],
    ['es el 5678', 'match'],
    ['seis siete ocho guion cinco', 'match'],
    ['12.345.678 guion 5', 'match'],
    ['cinco seis siete nueve', 'mismatch'],
    ['seis siete ocho', 'too_few'],
    ['cincuenta seis setenta ocho', 'unclear'],
    ['cincuenta y seis setenta ocho', 'unclear'],
    ['cinco mil seiscientos setenta y ocho', 'unclear'],
    ['no es 5678', 'unclear'],
    ['cinco seis siete no me acuerdo', 'unclear'],
    ['doble cinco seis siete', 'unclear'],
    ['no sé', 'unclear'],
  ])('are heard in words: %s: %s', (said, verdict) => {
    expect(checkLastDigits('12345678-5', said)).toBe(verdict);
  });

  it('in words are the same as in figures, however they are grouped', () => {
    const units = ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'];
    const rut = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(rut, fc.integer({ min: 4, max: 8 }), rut, (body, many, other) => {
        const id = `${body.join('')}-K`;
        const spoken = (digits: readonly number[]): string => digits.map((one) => units[one]).join(' ');
        expect(checkLastDigits(id, spoken(body.slice(-many)))).toBe('match');
        expect(checkLastDigits(id, `${spoken(body.slice(-many))} raya ka`)).toBe('match');
        const isOther = other.slice(-many).join('') !== body.slice(-many).join('');
        if (isOther) expect(checkLastDigits(id, spoken(other.slice(-many)))).toBe('mismatch');
      }),
    );
  });

  it('ends in a K in any case', () => {
    expect(checkLastDigits('10000013-K', '013k')).toBe('match');
  });
});

describe('what a call has established', () => {
  const row = (
    name: string,
    code: string,
    args: Record<string, unknown> = {},
    refused: string | null = null,
  ) => ({
    name,
    args,
    answer: { code },
    refused,
  });
  const confirmed = row('confirm_identity', 'confirmed');
  const wrong = row('confirm_identity', 'wrong_person');

  it('is the last word on who is there, both ways', () => {
    expect(evidenceOf([]).identity).toBe('unknown');
    expect(evidenceOf([wrong, confirmed])).toMatchObject({ identity: 'confirmed', reports: new Set() });
    expect(evidenceOf([confirmed, wrong])).toMatchObject({
      identity: 'wrong_person',
      reports: new Set(['wrong_person']),
    });
    expect(evidenceOf([confirmed, row('report', 'noted', { kind: 'wrong_person' })]).identity).toBe(
      'wrong_person',
    );
  });

  it('is nothing by a refusal, and no word of somebody else is the person’s', () => {
    expect(evidenceOf([row('report', 'wrong_person', { kind: 'dispute' }, 'wrong_person')]).reports).toEqual(
      new Set(),
    );
    const stranger = {
      ...row('report', 'noted', { kind: 'do_not_call' }),
      answer: { code: 'noted', of: 'wrong_person' },
    };
    expect(evidenceOf([wrong, stranger]).reports).toEqual(new Set(['wrong_person']));
    expect(evidenceOf([row('send_payment_link', 'no_agreement', {}, 'no_agreement')]).askedForLink).toBe(
      false,
    );
  });
});

describe('an amount as an agent gives it', () => {
  it.each([
    [104050, 104_050_000_000n],
    ['104050', 104_050_000_000n],
    ['104.050', 104_050_000_000n],
    ['$ 1.104.050', 1_104_050_000_000n],
    ['12.5', 12_500_000n],
    ['12,50', 12_500_000n],
    [12.5, 12_500_000n],
    [null, null],
    ['', null],
    ['mucho', 'unclear'],
    ['1.04.050', 'unclear'],
    [Number.NaN, 'unclear'],
    [1e15, 'unclear'],
    [true, 'unclear'],
  ])('%j', (said, micros) => {
    expect(readUnits(said)).toBe(micros);
  });
});
