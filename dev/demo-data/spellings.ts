/** The ways in which operators write one and the same value; `way` turns through them. */
import { rutCheckDigit } from '../../domain/people/rules/national-id.ts';

type CellValue = string | number | Date;

/** '12.345.678-5', '12345678-5', '123456785', ' 12345678-k ' (spaces, lower case). */
export function spellRut(body: number, way: number): string {
  const check = rutCheckDigit(body);
  switch (way % 4) {
    case 0:
      return `${grouped(body, '.')}-${check}`;
    case 1:
      return `${body}-${check}`;
    case 2:
      // Eight bare figures may be a body without its digit, and are told: these are read without a word.
      return body < 10_000_000 ? `${grouped(body, '.')}${check}` : `${body}${check}`;
    default:
      return ` ${body}-${check.toLowerCase()} `;
  }
}

/** '+56961234567', 56961234567 and 961234567 as numbers, '9 6123 4567', '+56 9 6123-4567', '09 6123 4567'. */
export function spellPhone(mobile: string, way: number): string | number {
  const head = mobile.slice(1, 5);
  const tail = mobile.slice(5);
  switch (way % 6) {
    case 0:
      return `+56${mobile}`;
    case 1:
      return Number(`56${mobile}`);
    case 2:
      return `9 ${head} ${tail}`;
    case 3:
      return Number(mobile);
    case 4:
      return `+56 9 ${head}-${tail}`;
    default:
      return `09 ${head} ${tail}`;
  }
}

/** 104050, '$104.050', '104.050,00', '$ 104.050.-'. */
export function spellAmount(amount: number, way: number): string | number {
  switch (way % 4) {
    case 0:
      return amount;
    case 1:
      return `$${grouped(amount, '.')}`;
    case 2:
      return `${grouped(amount, '.')},00`;
    default:
      return `$ ${grouped(amount, '.')}.-`;
  }
}

const MONTHS =
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');

/** A date cell, '30/11/2026', '30/11/26', '2026-11-30', '30 de noviembre de 2026'. */
export function spellDate(day: string, way: number): CellValue {
  const [year = '', month = '', date = ''] = day.split('-');
  switch (way % 5) {
    case 0:
      return new Date(`${day}T00:00:00Z`);
    case 1:
      return `${date}/${month}/${year}`;
    case 2:
      return `${date}/${month}/${year.slice(2)}`;
    case 3:
      return day;
    default:
      return `${Number(date)} de ${MONTHS[Number(month) - 1] ?? ''} de ${year}`;
  }
}

function grouped(value: number, separator: string): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, separator);
}
