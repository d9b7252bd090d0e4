import type { Refusal } from './refusal.ts';

/** Of payments: what was said of money and cannot be booked. */
export const paymentRefusals = {
  payer_missing: {
    kind: 'unprocessable',
    en: 'A national id or a reference is needed.',
    es: 'Falta el RUT o la referencia.',
  },
  reference_ambiguous: {
    kind: 'unprocessable',
    en: 'Several people have a debt "{reference}": say the national id.',
    es: 'Varias personas tienen la deuda "{reference}": indique el RUT.',
  },
  reference_unknown: {
    kind: 'unprocessable',
    en: 'No debt has the reference "{reference}".',
    es: 'Ninguna deuda tiene la referencia "{reference}".',
  },
  person_unknown: {
    kind: 'unprocessable',
    en: 'The account has no person "{nationalId}".',
    es: 'No hay ningún deudor con RUT o documento {nationalId}.',
  },
  national_id_invalid: {
    kind: 'unprocessable',
    en: '"{nationalId}" is no national id.',
    es: '"{nationalId}" no es un RUT válido.',
  },
  national_id_ambiguous: {
    kind: 'unprocessable',
    en: '"{nationalId}" has no dash and may be two people’s: {body} or {whole}. Write it with its check digit.',
    es: '"{nationalId}" viene sin guion y puede ser de dos personas: {body} o {whole}. Escríbalo con su dígito verificador.',
  },
  payment_differs: {
    kind: 'conflict',
    en: 'Payment "{externalId}" was recorded before with {amountEn}. A correction is a reversal and a new payment with another id.',
    es: 'El pago "{externalId}" ya se registró por {amountEs}. Para corregirlo, revierta ese pago y registre otro con otro identificador.',
  },
  payment_of_another: {
    kind: 'conflict',
    en: 'Payment "{externalId}" was recorded before for another person with {amountEn}. A correction is a reversal and a new payment with another id.',
    es: 'El pago "{externalId}" ya se registró para otra persona por {amountEs}. Para corregirlo, revierta ese pago y registre otro con otro identificador.',
  },
  currency_differs: {
    kind: 'unprocessable',
    en: 'The person has no debt in {currency}, only in {owed}.',
    es: 'La persona no tiene deudas en {currency}; tiene en {owed}.',
  },
  payment_unknown: {
    kind: 'not_found',
    en: 'There is no payment "{externalId}" to take back.',
    es: 'No existe el pago "{externalId}" que se quiere revertir.',
  },
  reversal_unnumbered: {
    kind: 'unprocessable',
    en: 'Part of a payment is taken back under a number of its own (`reversal_id`): the same number is the same reversal.',
    es: 'Para revertir una parte del pago indique un número propio de la reversa (`reversal_id`): el mismo número es la misma reversa.',
  },
  reversal_differs: {
    kind: 'conflict',
    en: 'Reversal "{reversalId}" was made before with {amountEn}.',
    es: 'La reversa "{reversalId}" ya se registró por {amountEs}.',
  },
  reversal_exceeds: {
    kind: 'unprocessable',
    en: 'Of payment "{externalId}" only {leftEn} can be taken back.',
    es: 'Del pago "{externalId}" solo se puede revertir {leftEs}.',
  },
  amount_implausible: {
    kind: 'unprocessable',
    en: 'The amount of {amountEn} is more than ten times what the person was ever asked for ({owedEn}). Is a digit too many?',
    es: 'El monto de {amountEs} es más de diez veces lo que se ha cobrado a la persona ({owedEs}). ¿Sobra algún dígito?',
  },
  paid_in_future: {
    kind: 'unprocessable',
    en: 'The payment is dated {day}, which has not come yet.',
    es: 'El pago tiene fecha {day}, que todavía no llega.',
  },
  paid_long_ago: {
    kind: 'unprocessable',
    en: 'The payment is dated {day}, more than five years ago. Is the year right?',
    es: 'El pago tiene fecha {day}, hace más de cinco años. ¿Está bien el año?',
  },
  amount_not_payable: {
    kind: 'unprocessable',
    en: 'This is no amount that can be paid in {currency}: it has more decimals than the currency has coins.',
    es: 'No es un monto que se pueda pagar en {currency}: tiene más decimales que los que la moneda usa.',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
