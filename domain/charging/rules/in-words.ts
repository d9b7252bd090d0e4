import type { Bilingual } from '../../shared/rules/bilingual.ts';
import type { SubscriptionState } from './clock.ts';

const words: Readonly<Record<SubscriptionState, Bilingual>> = {
  active: { es: 'al día', en: 'paid' },
  grace: {
    es: 'período terminado y sin pagar: el servicio sigue cinco días',
    en: 'the period is over and not paid: service goes on for five days',
  },
  suspended: {
    es: 'suspendida por falta de pago: no se llama ni se escribe a nadie',
    en: 'suspended, not paid: no calls are made and no messages sent',
  },
  ended: { es: 'terminada', en: 'ended' },
};

/** What the state of a subscription means. */
export function subscriptionInWords(state: SubscriptionState): Bilingual {
  return words[state];
}
