import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseRetellCall } from '../../../channels/retell/call.ts';
import { inAccount } from '../../../db/client.ts';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { checkCall } from '../../../domain/calls/check-call.ts';
import type { VoiceProvider } from '../../../domain/calls/voice-port.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  eventBody,
  functionBody,
  signed,
} from '../../support/api.ts';
import { mutated } from '../../support/mutations.ts';

/**
 * Ten thousand: `MUTATIONS=10000 npx vitest run test/int/calls/webhook-mutations.test.ts`, or in shares at once, each from
 * another seed on: `MUTATIONS_FROM=5001 MUTATIONS=5000`.
 */
const many = Number(process.env['MUTATIONS'] ?? '200');
const from = Number(process.env['MUTATIONS_FROM'] ?? '1');

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
  const { accountId } = api.one;
  const reference = 'for figures of a day';
  await inAccount(api.world.app, accountId, (trx) =>
    topUp(trx, { accountId, unit: 'USD', amountMicros: 10n ** 12n, reference }),
  );
});
afterAll(() => api.close());

const captured = {
  resultado: 'compromiso_pago',
  fecha_pago_cliente: '2030-01-04',
  monto_pago_cliente: '104050',
};
const full = { collected_dynamic_variables: captured, transfer_destination: '+56221234567' };

async function post(path: string, text: string): Promise<number> {
  const url = `/api/v1/webhooks/retell/${api.one.accountId}${path}`;
  return (await ask(api.app, 'POST', url, { text, headers: signed(text) })).status;
}

/** What the sweeper does with a call whose webhook is lost, when the provider says this of it. */
async function check(call: Dialled, said: string): Promise<void> {
  const body: unknown = JSON.parse(said);
  const raw: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'call') : undefined;
  const found = (): Promise<ReturnType<typeof normaliseRetellCall>> =>
    Promise.resolve(normaliseRetellCall({ ...(typeof raw === 'object' ? raw : {}), call_id: call.callId }));
  const voice: VoiceProvider = {
    placeCall: () => Promise.reject(new Error('nobody dials here')),
    findCallByAttempt: found,
    getCall: found,
    stopCall: () => Promise.resolve(),
    concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
  };
  await checkCall({ app: api.world.app, voice }, { accountId: api.one.accountId, attemptId: call.attemptId });
}

async function leftOver(): Promise<Readonly<Record<string, number>>> {
  return inAccount(api.world.app, api.one.accountId, async (trx) => {
    const count = async (of: Promise<readonly unknown[]>): Promise<number> => (await of).length;
    return {
      calls: await count(
        trx.selectFrom('operation.call').select('attempt_id').where('signalled_at', 'is', null).execute(),
      ),
      lines: await count(
        trx.selectFrom('core.line_lease').select('id').where('released_at', 'is', null).execute(),
      ),
      holds: await count(
        trx.selectFrom('core.ledger_hold').select('id').where('state', '=', 'pending').execute(),
      ),
    };
  });
}

describe(`${many} mutations of real webhooks`, () => {
  it(
    'end no call badly: no answer above 499, each call is settled and told, no line and no hold is left',
    async () => {
      const { accountId } = api.one;
      for (let seed = from; seed < from + many; seed += 1) {
        const call = await dialOne(api.world, accountId);
        const event = seed % 3 === 0 ? 'call_ended' : 'call_analyzed';
        const analysis = { call_analysis: { custom_analysis_data: captured, call_successful: true } };
        const body = mutated(
          eventBody({
            accountId,
            call,
            event,
            fields: { ...full, ...(event === 'call_ended' ? {} : analysis) },
          }),
          seed,
        );
        const asked = mutated(
          functionBody(accountId, call, 'reschedule', { day: 'mañana', time: '10:00' }),
          seed,
        );
        expect(await post('/functions', asked), `function of seed ${seed}`).toBeLessThan(500);
        expect(await post('', body), `webhook of seed ${seed}`).toBeLessThan(500);
        await check(call, body);
        // What was lost in the mutation comes with the next word of the provider.
        for (const last of ['call_ended', 'call_analyzed']) {
          expect(await post('', eventBody({ accountId, call, event: last })), `end of seed ${seed}`).toBe(
            200,
          );
        }
      }
      expect(await leftOver()).toEqual({ calls: 0, lines: 0, holds: 0 });
    },
    120_000 + many * 1_000,
  );
});
