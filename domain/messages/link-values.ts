import { referenceOf } from '../payments/links.ts';
import { sayDay } from '../contacts/rules/spoken.ts';
import type { ClearedMessage } from './clear-message.ts';
import type { ShortLink } from './short-link.ts';
import type { linkValues, sendValues, Values } from '../tools/arguments.ts';

/** After the agreement is looked at, a link still takes the money of whoever is a little late. */
const lateDays = 3;
const dayMs = 86_400_000;
const leastMs = 3_600_000;
const microsPerUnit = 1_000_000n;

type Named<T extends Values> = Readonly<Record<keyof T, string | number>>;

/** What a tool may know when it makes a link. */
export function linkValuesOf(
  agreementId: string,
  { messageId, instalment, amountMicros, currency, creditor, at }: ClearedMessage,
): Named<typeof linkValues> {
  return {
    'agreement.id': agreementId,
    'agreement.amount': Number(amountMicros) / Number(microsPerUnit),
    'agreement.amount_decimal': decimal(amountMicros),
    'agreement.currency': currency,
    'agreement.due_date': instalment.dueDate,
    'instalment.number': instalment.number,
    'link.title': `Pago a ${creditor}`,
    'link.reference': referenceOf(agreementId, instalment.number),
    'link.expires_at': expiryOf(instalment.checkAt, at).toISOString(),
    'message.id': messageId,
    idempotency_key: messageId,
  };
}

/** And when it sends it. */
export function sendValuesOf(
  agreementId: string,
  message: ClearedMessage,
  link: ShortLink,
): Named<typeof sendValues> {
  return {
    ...linkValuesOf(agreementId, message),
    'person.name': message.name,
    'person.phone': message.phone,
    creditor: message.creditor,
    'agreement.amount_text': amountInWords(message.amountMicros, message.currency, message.country),
    'agreement.due_date_text': sayDay(message.instalment.dueDate).es,
    'link.url': link.url,
    'link.suffix': link.suffix,
  };
}

export function expiryOf(checkAt: Date, at: Date): Date {
  return new Date(Math.max(checkAt.getTime() + lateDays * dayMs, at.getTime() + leastMs));
}

/** Where a point is the decimal mark, and a comma parts the thousands. */
const pointCountries: ReadonlySet<string> = new Set('US PE MX PA PR GT HN NI SV DO'.split(' '));
/** Whose money it is, and what is written before it at home. */
const homes: Readonly<Record<string, { readonly country: string; readonly mark: string }>> = {
  CLP: { country: 'CL', mark: '$' },
  COP: { country: 'CO', mark: '$' },
  ARS: { country: 'AR', mark: '$' },
  MXN: { country: 'MX', mark: '$' },
  USD: { country: 'US', mark: '$' },
  PEN: { country: 'PE', mark: 'S/ ' },
};

/**
 * As whoever lives in `country` (ISO 3166) reads it: '$123.450' and 'USD 1.234,50' in Chile, 'S/ 1,250.50' in Peru, where '1.250' is one
 * sol and a quarter. By default in the country whose money it is.
 */
export function amountInWords(
  micros: bigint,
  currency: string,
  country: string = homes[currency]?.country ?? 'CL',
): string {
  const isPoint = pointCountries.has(country);
  const units = (micros / microsPerUnit).toString().replace(/\B(?=(\d{3})+$)/g, isPoint ? ',' : '.');
  const cents = (micros % microsPerUnit) / 10_000n;
  const text = cents === 0n ? units : `${units}${isPoint ? '.' : ','}${cents.toString().padStart(2, '0')}`;
  const home = homes[currency];
  return home?.country === country ? `${home.mark}${text}` : `${currency} ${text}`;
}

function decimal(micros: bigint): string {
  const fraction = (micros % microsPerUnit).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micros / microsPerUnit}${fraction === '' ? '' : `.${fraction}`}`;
}
