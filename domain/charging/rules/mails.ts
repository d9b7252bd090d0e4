import { moneyOf } from '../../shared/rules/money.ts';
import { dayInWords, moneyInWords } from '../../shared/rules/written.ts';

/** What is written to the owners of an account of what they buy: Spanish first, English below. */
export interface MailWords {
  readonly subject: string;
  readonly body: string;
}

export type SubscriptionNews =
  | 'subscription.begun'
  | 'subscription.renewed'
  | 'subscription.in_grace'
  | 'subscription.suspended'
  | 'subscription.restored'
  | 'subscription.ended';

/** The next period can be paid. */
export function phraseOrdered(of: {
  readonly account: string;
  readonly title: string;
  readonly netMicros: bigint;
  readonly taxMicros: bigint;
  readonly totalMicros: bigint;
  readonly currency: string;
  readonly orderId: string;
  readonly dueAt: Date;
}): MailWords {
  const { account, title, currency, orderId } = of;
  const money = (micros: bigint): string => moneyInWords(moneyOf(micros, currency));
  const day = dayInWords(of.dueAt.toISOString());
  return {
    subject: `Tandas: ${account}, su próximo período / your next period`,
    body: `El período en curso termina el ${day} (UTC). El siguiente:

  ${title}
  Neto ${money(of.netMicros)} · impuesto ${money(of.taxMicros)} · total ${money(of.totalMicros)}
  Orden ${orderId}

Para pagar, pida el enlace: tandas orders ${orderId}
Sin pago, el servicio sigue cinco días y después se suspende.

--
The running period ends on ${day} (UTC). To pay for the next one, ask for its page: tandas orders ${orderId}
Unpaid, the service goes on for five days and is suspended then.
`,
  };
}

/** What has become of a subscription. */
export function phraseSubscription(
  news: SubscriptionNews,
  { account, plan, periodEnd }: { readonly account: string; readonly plan: string; readonly periodEnd: Date },
): MailWords {
  const day = dayInWords(periodEnd.toISOString());
  const { es, en, subject } = words[news];
  const fill = (text: string): string => text.replaceAll('{plan}', plan).replaceAll('{day}', day);
  return { subject: `Tandas: ${account}, ${subject}`, body: `${fill(es)}\n\n--\n${fill(en)}\n` };
}

const words: Readonly<
  Record<SubscriptionNews, { readonly subject: string; readonly es: string; readonly en: string }>
> = {
  'subscription.begun': {
    subject: 'su plan comenzó / your plan has begun',
    es: 'El plan {plan} está pagado y comenzó. Su período termina el {day} (UTC).',
    en: 'The plan {plan} is paid and has begun. Its period ends on {day} (UTC).',
  },
  'subscription.renewed': {
    subject: 'su plan se renovó / your plan was renewed',
    es: 'El nuevo período del plan {plan} está pagado. Termina el {day} (UTC).',
    en: 'The new period of the plan {plan} is paid. It ends on {day} (UTC).',
  },
  'subscription.in_grace': {
    subject: 'falta el pago de su plan / your plan is not paid',
    es: 'El período del plan {plan} terminó el {day} (UTC) y el siguiente no está pagado. El servicio sigue cinco días.',
    en: 'The period of the plan {plan} ended on {day} (UTC) and the next one is not paid. The service goes on for five days.',
  },
  'subscription.suspended': {
    subject: 'servicio suspendido / service suspended',
    es: 'El plan {plan} no está pagado: no se hacen llamadas ni se envían mensajes hasta que se pague. Nada se pierde: sus lotes siguen donde quedaron.',
    en: 'The plan {plan} is not paid: no calls are made and no messages sent until it is. Nothing is lost: batches go on where they stopped.',
  },
  'subscription.restored': {
    subject: 'servicio en marcha / service resumed',
    es: 'El pago del plan {plan} está a salvo y el servicio sigue. Su período termina el {day} (UTC).',
    en: 'The payment of the plan {plan} stands, and the service goes on. Its period ends on {day} (UTC).',
  },
  'subscription.ended': {
    subject: 'su plan terminó / your plan has ended',
    es: 'El plan {plan} terminó el {day} (UTC), como se pidió. Desde ahora se paga por minuto.',
    en: 'The plan {plan} ended on {day} (UTC), as was asked. Calls are paid by the minute from now on.',
  },
};
