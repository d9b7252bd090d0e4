import type { Refusal } from './refusal.ts';

/** Of orders, plans and subscriptions: what an account buys of us. */
export const chargingRefusals = {
  order_not_found: {
    kind: 'not_found',
    en: 'The account has no such order.',
    es: 'La cuenta no tiene esa orden.',
  },
  rehearsal_buys_nothing: {
    kind: 'unprocessable',
    en: 'A rehearsal buys nothing.',
    es: 'Un ensayo no compra nada.',
  },
  too_many_open_orders: {
    kind: 'too_many',
    en: '{most} orders wait to be paid. Pay or cancel one of them first.',
    es: 'Ya hay {most} órdenes por pagar. Pague o anule una antes.',
  },
  top_up_needs_package: {
    kind: 'unprocessable',
    en: 'The plan {plan} has no balance in money: buy a package of minutes (see the plans).',
    es: 'El plan {plan} no usa saldo en dinero: compre un paquete de minutos (vea los planes).',
  },
  top_up_amount: {
    kind: 'unprocessable',
    en: 'A top-up is between {least} and {most} USD.',
    es: 'Un abono es de {least} a {most} USD.',
  },
  top_up_cents: {
    kind: 'unprocessable',
    en: 'The amount has more decimals than cents.',
    es: 'El monto tiene más decimales que centavos.',
  },
  package_not_found: {
    kind: 'unprocessable',
    en: 'There is no package "{key}": GET /api/v1/plans lists them.',
    es: 'No existe el paquete «{key}»: GET /api/v1/plans los muestra.',
  },
  plan_not_found: {
    kind: 'unprocessable',
    en: 'There is no plan "{key}": GET /api/v1/plans lists them.',
    es: 'No existe el plan «{key}»: GET /api/v1/plans los muestra.',
  },
  plan_without_price: {
    kind: 'unprocessable',
    en: 'Nothing is ordered for "{key}": it has no such price.',
    es: 'Por «{key}» no hay nada que ordenar: no tiene ese precio.',
  },
  price_to_be_agreed: {
    kind: 'unprocessable',
    en: 'The price of "{key}" is agreed with us: write to us, and we make the order.',
    es: 'El precio de «{key}» se acuerda con nosotros: escríbanos y haremos la orden.',
  },
  price_is_fixed: {
    kind: 'unprocessable',
    en: 'This plan has a price of its own: none is agreed for it.',
    es: 'Este plan tiene su precio: no se acuerda otro.',
  },
  price_below_least: {
    kind: 'unprocessable',
    en: 'The agreed price is below the least of the plan.',
    es: 'El precio acordado es menor que el mínimo del plan.',
  },
  period_order_open: {
    kind: 'conflict',
    en: 'The order {order} of a period waits to be paid: pay it, or cancel it.',
    es: 'La orden {order} de un período espera su pago: páguela o anúlela.',
  },
  next_period_paid: {
    kind: 'conflict',
    en: 'The next period is paid already.',
    es: 'El próximo período ya está pagado.',
  },
  provider_not_set_up: {
    kind: 'unprocessable',
    en: 'Payments by {provider} are not set up here.',
    es: 'Aquí no se reciben pagos por {provider}.',
  },
  provider_not_for_country: {
    kind: 'unprocessable',
    en: 'Payments by {provider} are not taken from {country}.',
    es: 'Por {provider} no se reciben pagos desde {country}.',
  },
  no_exchange_rate: {
    kind: 'unavailable',
    en: 'There is no rate of today for {currency}, and none is guessed. Ask again later, or pay in USD.',
    es: 'No hay un tipo de cambio vigente para {currency} y no se adivina. Intente más tarde o pague en USD.',
  },
  order_not_open: {
    kind: 'conflict',
    en: 'The order is {state}: only one that waits to be paid is cancelled.',
    es: 'La orden está «{state}»: solo se anula una por pagar.',
  },
  order_of_provider: {
    kind: 'conflict',
    en: 'The order is paid by {provider}, which is asked about it: a transfer does not fit.',
    es: 'La orden se paga por {provider}, a quien se le pregunta: una transferencia no corresponde.',
  },
  order_paid_already: {
    kind: 'conflict',
    en: 'A transfer of this order is booked already.',
    es: 'Ya se registró una transferencia de esta orden.',
  },
  transfer_currency: {
    kind: 'unprocessable',
    en: 'The order is in {currency}.',
    es: 'La orden está en {currency}.',
  },
  transfer_amount: {
    kind: 'unprocessable',
    en: 'The transfer is not what the order asks for, in {currency}: nothing was booked.',
    es: 'La transferencia no es lo que pide la orden, en {currency}: no se registró nada.',
  },
  transfer_too_much: {
    kind: 'unprocessable',
    en: 'More than came in cannot be given back.',
    es: 'No se puede devolver más de lo que llegó.',
  },
  no_subscription: {
    kind: 'not_found',
    en: 'The account has no subscription: its calls are paid by the minute.',
    es: 'La cuenta no tiene suscripción: sus llamadas se pagan por minuto.',
  },
  account_suspended: {
    kind: 'conflict',
    en: 'The period of the plan is not paid: no calls are made and no messages sent until it is.',
    es: 'El período del plan no está pagado: no se llama ni se escribe a nadie hasta que se pague.',
  },

  // What a provider says of an order and does not fit: shown with it, for a person to decide.
  order_other_currency: {
    kind: 'conflict',
    en: 'It was paid in another currency. That payment is not booked.',
    es: 'Se pagó en otra moneda. Ese pago no está registrado.',
  },
  order_paid_less: {
    kind: 'conflict',
    en: 'Less than the order asks for was paid. It is not booked.',
    es: 'Se pagó menos de lo que pide la orden. No está registrado.',
  },
  order_paid_more: {
    kind: 'conflict',
    en: 'More than the order asks for was paid. What is beyond it is not booked, and is given back to whoever paid.',
    es: 'Se pagó más de lo que pide la orden. El exceso no está registrado y se devuelve a quien lo pagó.',
  },
  order_taken_more: {
    kind: 'conflict',
    en: 'More was taken back than was paid.',
    es: 'Se quitó más de lo que se había pagado.',
  },
  order_paid_less_than_before: {
    kind: 'conflict',
    en: 'The provider reports less paid than before. What is missing was taken back from the balance.',
    es: 'El proveedor informa menos pagado que antes. Lo que falta se quitó del saldo.',
  },
} as const satisfies Readonly<Record<string, Refusal>>;
