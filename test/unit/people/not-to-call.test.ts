import { describe, expect, test } from 'vitest';
import { nameOfDead, notToCall } from '../../../domain/people/rules/not-to-call.ts';
import { normalisePhones } from '../../../domain/people/rules/phone.ts';
import { headerWords } from '../../../domain/usecases/header-words.ts';

const said = (header: string, text: string): string => notToCall(headerWords(header), text) ?? 'nothing';

describe('what a note says of a person', () => {
  test.each([
    ['OBSERVACION', 'FALLECIDO', 'person_deceased'],
    ['OBS', 'titular falleció el 3/4', 'person_deceased'],
    ['GLOSA', 'Q.E.P.D.', 'person_deceased'],
    ['FALLECIDO', 'SI', 'person_deceased'],
    ['FALLECIDO', 'x', 'person_deceased'],
    ['FECHA DEFUNCION', '2025-03-04', 'person_deceased'],
    ['NOTA', 'NO LLAMAR', 'not_to_call'],
    ['NOTA', 'pidió no contactar más', 'not_to_call'],
    ['GESTION', 'reclamo SERNAC, no cobrar', 'not_to_call'],
    ['NO LLAMAR', 'SI', 'not_to_call'],
    ['ESTADO', 'Pagado', 'debt_settled'],
    ['SITUACION', 'AL DÍA', 'debt_settled'],
    ['ESTADO', 'ANULADA', 'debt_settled'],
  ])('%s: %s is %s', (header, text, code) => {
    expect(said(header, text)).toBe(code);
  });

  test.each([
    ['FALLECIDO', 'NO'],
    ['FALLECIDO', 'N'],
    ['FECHA DEFUNCION', 'sin registro'],
    ['NO LLAMAR', 'NO'],
    ['NOMBRE AVAL', 'JUAN PINO (FALLECIDO)'],
    ['OBS AVAL', 'no llamar'],
    ['NOTA', 'no llamar antes de las 10'],
    ['NOTA', 'no llamar por la mañana'],
    ['NOTA', 'no contesta'],
    ['NOTA', 'no pagado'],
    ['ESTADO', 'NO PAGADO'],
    ['ESTADO', 'PAGADO PARCIAL'],
    ['ESTADO', 'PENDIENTE'],
    ['ULTIMO DOCUMENTO', 'PAGADO'],
    ['SUCURSAL', 'Difusión Norte'],
    ['OBS', `${'x'.repeat(300)} fallecido`],
    ['OBS', ''],
  ])('%s: %s says nothing', (header, text) => {
    expect(said(header, text)).toBe('nothing');
  });

  test('the name of the dead, and names that are near', () => {
    const dead = [
      'Luis Rojas (FALLECIDO)',
      'Q.E.P.D. Eva Muñoz',
      'SUCESION JUAN PINO',
      'Difunta Rosa Vera',
      'Herederos de Luis Rojas',
      'QEPD Ana',
    ];
    expect(dead.filter((name) => !nameOfDead(name))).toEqual([]);
    const alive = [
      'Fallecia Muñoz',
      'Defunchio Pérez',
      'Herederia Soto',
      'Suceso Rojas',
      'Muerto Díaz',
      'Equepe Daniel',
      'Quepedo Soto',
    ];
    expect(alive.filter(nameOfDead)).toEqual([]);
  });
});

describe('a phone with a note of whose it is', () => {
  test.each([
    '987650003 (hija)',
    '98765 0003 mamá',
    'vecino 987650003',
    '987650003 recado',
    '+56987650003 - JEFE',
  ])('%s is not the person’s', (text) => {
    expect(normalisePhones(text, 'CL')).toMatchObject({ ok: false, code: 'phone_of_other' });
  });

  test('beside one’s own it is left out and told', () => {
    expect(normalisePhones('987650001 / 987650003 (hija)', 'CL')).toMatchObject({
      ok: true,
      value: ['+56987650001'],
      notice: { code: 'phone_part_left' },
    });
  });

  test.each(['cel 987650003', '987650003 (casa)', 'Fono: 987650003', '987650003 WSP'])('%s is', (text) => {
    expect(normalisePhones(text, 'CL')).toMatchObject({ ok: true, value: ['+56987650003'] });
  });
});
