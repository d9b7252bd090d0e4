import { createDatabase, inAccount } from '../../db/client.ts';
import { configureChannel, storeSecret } from '../../domain/accounts/channels.ts';
import { createSecretBox } from '../../outbound/secret-box.ts';
import { channelKeys, secretsKey } from '../stack/channels.ts';

/** The demo's account writes and takes payments by the simulated channels. Safe to repeat. */
export async function configureDemoChannels(
  databaseUrl: string,
  stateDir: string,
  accountId: string,
): Promise<void> {
  const key = await secretsKey(stateDir);
  const box = createSecretBox(process.env['SECRETS_KEY'] ?? key);
  const keys = channelKeys(key);
  const actor = { accountId, actor: 'demo' };
  const app = createDatabase({ url: databaseUrl, role: 'tandas_app', maxConnections: 1 });
  try {
    await inAccount(app, accountId, async (trx) => {
      const secrets = {
        'demo-whatsapp': keys.whatsAppToken,
        'demo-whatsapp-app': keys.whatsAppAppSecret,
        'demo-whatsapp-verify': keys.whatsAppVerifyToken,
        'demo-mercadopago': keys.mercadoPagoToken,
        'demo-mercadopago-webhook': keys.mercadoPagoSecret,
      };
      for (const [name, value] of Object.entries(secrets))
        await storeSecret(trx, box, actor, { name, value });
      await configureChannel(trx, actor, {
        kind: 'whatsapp',
        // The simulated channel sends its statuses to the account that this names.
        settings: { phone_number_id: accountId, template: 'link_pago_v1', language: 'es_CL' },
        secrets: {
          access_token: 'demo-whatsapp',
          app_secret: 'demo-whatsapp-app',
          verify_token: 'demo-whatsapp-verify',
        },
      });
      await configureChannel(trx, actor, {
        kind: 'mercadopago',
        settings: {},
        secrets: { access_token: 'demo-mercadopago', webhook_secret: 'demo-mercadopago-webhook' },
      });
    });
  } finally {
    await app.destroy();
  }
}
