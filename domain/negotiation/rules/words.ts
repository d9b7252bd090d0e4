import { type Said, sayAmount, sayDayFrom } from '../../contacts/rules/spoken.ts';
import type { RefusedOffer } from './judge.ts';
import type { Offer } from './offers.ts';
import type { AgreementTerms } from './types.ts';

/** What was agreed, in words that the agent can read back. */
export function sayTerms(terms: AgreementTerms, today: string): Said {
  const [first] = terms.instalments;
  const total = sayAmount(terms.totalMicros, terms.currency);
  const day = sayDayFrom(today, first?.dueDate ?? today);
  if (terms.kind === 'promise') {
    return { es: `pagar ${total.es} ${day.es}`, en: `to pay ${total.en} ${day.en}` };
  }
  const count = terms.instalments.length;
  const amounts = terms.instalments.map(({ amountMicros }) => amountMicros);
  const high = sayAmount(
    amounts.reduce((most, amount) => (amount > most ? amount : most), 0n),
    terms.currency,
  );
  const even = amounts.every((amount) => amount === amounts[0]);
  return {
    es: `pagar ${total.es} en ${count} cuotas de ${even ? '' : 'hasta '}${high.es}, la primera ${day.es}`,
    en: `to pay ${total.en} in ${count} instalments of ${even ? '' : 'up to '}${high.en}, the first ${day.en}`,
  };
}

/** What may be offered now, as one sentence for each way. */
export function sayOffer(offer: Offer, today: string): Said {
  const { terms } = offer;
  const total = sayAmount(terms.totalMicros, terms.currency);
  const day = sayDayFrom(today, terms.instalments[0]?.dueDate ?? today);
  switch (offer.kind) {
    case 'full':
      return {
        es: `pagar el total, ${total.es}, a más tardar ${day.es}`,
        en: `pay all of it, ${total.en}, ${day.en} at the latest`,
      };
    case 'discount':
      return {
        es: `pagar ${total.es}, con ${offer.percent} % de descuento, a más tardar ${day.es}`,
        en: `pay ${total.en}, a discount of ${offer.percent} %, ${day.en} at the latest`,
      };
    case 'instalments':
      return {
        es: `pagar en cuotas, de ${offer.minCount} a ${offer.maxCount}`,
        en: `pay in ${offer.minCount} to ${offer.maxCount} instalments`,
      };
    case 'part': {
      const least = sayAmount(offer.leastMicros, terms.currency);
      return {
        es: `abonar al menos ${least.es}, a más tardar ${day.es}`,
        en: `pay at least ${least.en} of it, ${day.en} at the latest`,
      };
    }
    default: {
      const unreachable: never = offer;
      return unreachable;
    }
  }
}

const reasons: Readonly<Record<RefusedOffer, Said>> = {
  nothing_owed: { es: 'No hay ningún monto pendiente', en: 'Nothing is owed' },
  currency: { es: 'La deuda está en otra moneda', en: 'The debt is in another currency' },
  mixed_currencies: {
    es: 'Las deudas están en distintas monedas: dígame de cuál hablamos',
    en: 'The debts are in several currencies: say which one is meant',
  },
  date_missing: { es: 'Necesito un día para el pago', en: 'A day for the payment is needed' },
  no_such_day: { es: 'Ese día no existe en el calendario', en: 'That day is in no calendar' },
  past: { es: 'Ese día ya pasó', en: 'That day has passed' },
  too_late: {
    es: 'Ese día es más tarde de lo que puedo aceptar',
    en: 'That day is later than can be accepted',
  },
  amount_missing: { es: 'Necesito saber cuánto', en: 'An amount is needed' },
  zero: { es: 'El monto debe ser mayor que cero', en: 'The amount must be above zero' },
  above_debt: { es: 'Ese monto es mayor que la deuda', en: 'That is more than is owed' },
  below_debt: { es: 'Ese monto no cubre el total', en: 'That does not cover all of it' },
  below_floor: { es: 'No puedo aceptar ese monto', en: 'That amount cannot be accepted' },
  not_whole: { es: 'El pago es en montos enteros', en: 'Payments are in whole amounts' },
  not_offered: { es: 'Todavía no puedo ofrecer ese monto', en: 'That amount cannot be offered yet' },
  no_discount: { es: 'Para esta deuda no hay descuento', en: 'There is no discount on this debt' },
  part_too_small: { es: 'Ese abono es muy bajo', en: 'That part is too small' },
  no_instalments: { es: 'Esta deuda no se puede pagar en cuotas', en: 'This debt takes no instalments' },
  instalment_count: { es: 'No puedo ofrecer esa cantidad de cuotas', en: 'Not in that many instalments' },
  instalment_too_small: { es: 'Las cuotas quedan muy bajas', en: 'The instalments would be too small' },
  instalment_gap: { es: 'Hay demasiados días entre las cuotas', en: 'Too many days between instalments' },
  instalment_order: {
    es: 'Cada cuota debe ser posterior a la anterior',
    en: 'Each instalment must be after the one before',
  },
  instalment_sum: { es: 'Las cuotas no suman el total', en: 'The instalments do not add up to the debt' },
};

/** The answer to an offer that is not taken, with the nearest one that is. */
export function sayRefused(code: RefusedOffer, counter: AgreementTerms | null, today: string): Said {
  const { es, en } = reasons[code];
  if (counter === null) return { es: `${es}.`, en: `${en}.` };
  const near = sayTerms(counter, today);
  return { es: `${es}. Puedo aceptar ${near.es}.`, en: `${en}. What can be accepted: ${near.en}.` };
}
