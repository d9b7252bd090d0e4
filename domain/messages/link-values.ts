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
    'agreement.amount_text': amountInWords(message.amountMicros, message.currency),
    'agreement.due_date_text': sayDay(message.instalment.dueDate).es,
    'link.url': link.url,
    'link.suffix': link.suffix,
  };
}

export function expiryOf(checkAt: Date, at: Date): Date {
  return new Date(Math.max(checkAt.getTime() + lateDays * dayMs, at.getTime() + leastMs));
}

/** As it is written in Chile: '$123.450', 'USD 1.234,50'. */
export function amountInWords(micros: bigint, currency: string): string {
  const units = (micros / microsPerUnit).toString().replace(/\B(?=(\d{3})+$)/g, '.');
  const cents = (micros % microsPerUnit) / 10_000n;
  const text = cents === 0n ? units : `${units},${cents.toString().padStart(2, '0')}`;
  return currency === 'CLP' ? `$${text}` : `${currency} ${text}`;
}

function decimal(micros: bigint): string {
  const fraction = (micros % microsPerUnit).toString().padStart(6, '0').replace(/0+$/, '');
  return `${micros / microsPerUnit}${fraction === '' ? '' : `.${fraction}`}`;
}
