import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  functionBody,
  signed,
} from '../../support/api.ts';
import { nameRut } from '../../support/debts.ts';
import { clCollectionStrict } from '../../../domain/policy/rules/packs/cl-collection-strict.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

async function ring(): Promise<Dialled> {
  const debts = [{ pesos: 100_000, dueDate: '2026-01-05', reference: 'R-1' }];
  return dialOne(api.world, api.one.accountId, { debts }, 'collection-standard');
}

async function use(call: Dialled, name: string, args: Readonly<Record<string, unknown>>) {
  const body = functionBody(api.one.accountId, call, name, args);
  const path = `/api/v1/webhooks/retell/${api.one.accountId}/functions`;
  const reply = await ask(api.app, 'POST', path, { text: body, headers: signed(body) });
  expect(reply.status).toBe(200);
  return reply.body;
}

describe('what is said in a call', () => {
  it('is heard in digits and in words, and what is not understood is asked again and is no wrong guess', async () => {
    const call = await ring();
    await nameRut(api.world, call.batch.contacts[0]?.personId ?? '', '12345678-5');
    for (let asked = 0; asked < 4; asked += 1) {
      expect(await use(call, 'confirm_identity', { last_digits: 'no me acuerdo', asked })).toMatchObject({
        ok: false,
        code: 'digits_unclear',
        say: expect.stringContaining('uno por uno'),
      });
    }
    const words = { is_holder: true, last_digits: 'cinco seis siete ocho' };
    expect(await use(call, 'confirm_identity', words)).toMatchObject({ ok: true, code: 'confirmed' });
  });

  it('of another time is asked back in words, by its reason, and a refused day is never agreed', async () => {
    const call = await ring();
    // Half of it says yes: a sentence that is too long is not cut to that half.
    const speech = `mañana a las 10 ${'por favor '.repeat(40)} no puedo`;
    for (const [text, code] of [
      ['mañana no puedo', 'other_day'],
      ['el lunes o el martes a las 10', 'several_days'],
      ['mañana a las 10, o cuando le venga bien', 'not_understood'],
      [speech, 'not_understood'],
    ] as const) {
      const say = expect.stringContaining('¿');
      expect(await use(call, 'reschedule', { text })).toMatchObject({ ok: false, code, say });
    }
    const agreed = await use(call, 'reschedule', { text: 'ahora no, en dos horas' });
    expect(agreed).toMatchObject({ ok: true, code: 'rescheduled' });
    const rows = await api.world.owner
      .selectFrom('operation.reschedule_request')
      .select('rule')
      .where('attempt_id', '=', call.attemptId)
      .orderBy('id')
      .execute();
    expect(rows.map(({ rule }) => rule)).toEqual([
      'other_day',
      'several_days',
      'not_understood',
      'not_understood',
      null,
    ]);
  });
});

describe('what the law has the debtor told', () => {
  it('begins what is told of the debt, and nobody hears of it before they are known to be the debtor', async () => {
    const call = await ring();
    await nameRut(api.world, call.batch.contacts[0]?.personId ?? '', '22345678-5');
    const { key, version } = clCollectionStrict;
    await api.world.owner
      .updateTable('core.batch')
      .set({ pack_key: key, pack_version: version })
      .where('id', '=', call.batch.batchId)
      .execute();
    const wrong = await use(call, 'confirm_identity', { is_holder: true, last_digits: '9999' });
    expect(JSON.stringify(wrong)).not.toMatch(/cobranza|deuda|debt|court/i);
    const told = await use(call, 'confirm_identity', { is_holder: true, last_digits: '6785' });
    expect(told['say']).toMatch(
      /encargo de Tienda \w+\. Esta es una gestión de cobranza extrajudicial: .*Tienda \w+, referencia R-1\..* Tiene un saldo/,
    );
    expect(told['say_en']).toMatch(/behalf of Tienda \w+\. This is an out-of-court collection: .* You owe/);
  });
});
