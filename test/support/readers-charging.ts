import { createHmac } from 'node:crypto';
import { mercadoPagoEvent } from '../../channels/mercadopago/charging.ts';
import { stripeEvent } from '../../channels/stripe/charging.ts';

const secret = 'whsec_of_readers';

/** What reads events of whoever takes what accounts pay us. */
export const chargingReaders = {
  'channels/mercadopago/charging.ts#mercadoPagoEvent': {
    most: 16 * 1024,
    read: (text: string) => mercadoPagoEvent({ requestId: text, dataId: text, type: text }),
  },
  // Signed by whoever has the secret, and anything inside: what is not signed is not read.
  'channels/stripe/charging.ts#stripeEvent': {
    most: 256 * 1024,
    read: (text: string) => {
      const at = Math.floor(Date.now() / 1_000);
      const body = JSON.stringify({
        id: 'evt',
        type: 'x',
        data: { object: { metadata: { order_id: text } } },
      });
      const hash = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
      return stripeEvent(body, `t=${at},v1=${hash}`, secret);
    },
  },
};
