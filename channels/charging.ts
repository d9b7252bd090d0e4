import type { ChargingProviders, OnlineProvider } from '../domain/charging/charging-port.ts';
import { createMercadoPagoCharging } from './mercadopago/charging.ts';
import { MERCADO_PAGO_URL } from './mercadopago/mercado-pago.ts';
import { createStripeCharging } from './stripe/charging.ts';

export interface ChargingOptions {
  readonly mercadoPago:
    | { readonly accessToken: string; readonly webhookSecret: string; readonly baseUrl: string | undefined }
    | undefined;
  readonly stripe:
    | { readonly secretKey: string; readonly webhookSecret: string; readonly baseUrl: string | undefined }
    | undefined;
}

export interface OpenedCharging {
  readonly providers: ChargingProviders;
  readonly webhookSecrets: Readonly<Partial<Record<OnlineProvider, string>>>;
}

/** Whoever takes what accounts pay us, as far as it is set up. `publicUrl`: where the API is reached from outside. */
export function openCharging(
  { mercadoPago, stripe }: ChargingOptions,
  publicUrl: string | undefined,
): OpenedCharging {
  return {
    providers: {
      ...(mercadoPago === undefined
        ? {}
        : {
            mercadopago: createMercadoPagoCharging({
              baseUrl: mercadoPago.baseUrl ?? MERCADO_PAGO_URL,
              accessToken: mercadoPago.accessToken,
              notificationUrl:
                publicUrl === undefined ? undefined : `${publicUrl}/api/v1/webhooks/orders/mercadopago`,
            }),
          }),
      ...(stripe === undefined
        ? {}
        : {
            stripe: createStripeCharging({
              secretKey: stripe.secretKey,
              baseUrl: stripe.baseUrl,
              returnUrl: `${publicUrl ?? 'http://127.0.0.1'}/paid`,
            }),
          }),
    },
    webhookSecrets: {
      ...(mercadoPago === undefined ? {} : { mercadopago: mercadoPago.webhookSecret }),
      ...(stripe === undefined ? {} : { stripe: stripe.webhookSecret }),
    },
  };
}
