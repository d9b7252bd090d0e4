/** The fake provider speaks Retell: the official SDK drives it, and its answers fit Retell's own description. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APIError,
  AuthenticationError,
  BadRequestError,
  RateLimitError,
  Retell,
  UnprocessableEntityError,
} from 'retell-sdk';
import { createFakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetell } from '../../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetellOptions } from '../../../dev/fakes/retell/options.ts';

const API_KEY = 'key_of_the_fake';
const QUICK: FakeRetellOptions = {
  apiKey: API_KEY,
  outcomeMode: 'pattern',
  ringMs: { min: 1, max: 5 },
  talkMs: { min: 5, max: 20 },
  analysisMs: { min: 1, max: 5 },
};
/** Rings for an hour: for calls that must be running while a test looks at them. */
const RINGING: FakeRetellOptions = { ...QUICK, ringMs: { min: 3_600_000, max: 3_600_000 } };

let fake: FakeRetell;
let sdk: Retell;

async function startFake(options: FakeRetellOptions): Promise<void> {
  fake = createFakeRetell(options);
  sdk = new Retell({ apiKey: API_KEY, baseURL: await fake.start(), maxRetries: 0 });
}

function dial(toNumber: string, attemptId = 'a1', more: Partial<Retell.CallCreatePhoneCallParams> = {}) {
  return sdk.call.createPhoneCall({
    from_number: '+566001234567',
    to_number: toNumber,
    override_agent_id: 'agent_test',
    metadata: { attempt_id: attemptId, account_id: 'acme', contact_id: 'k1' },
    retell_llm_dynamic_variables: { monto: '123.450' },
    ...more,
  });
}

async function retrievePhoneCall(callId: string): Promise<Retell.PhoneCallResponse> {
  const call = await sdk.call.retrieve(callId);
  if (call.call_type !== 'phone_call') throw new Error('a web call');
  return call;
}

async function finished(callId: string): Promise<Retell.PhoneCallResponse> {
  await fake.waitUntil((f) => f.calls().some((call) => call.callId === callId && call.final));
  return retrievePhoneCall(callId);
}

beforeEach(() => startFake(QUICK));
afterEach(() => fake.stop());

describe('a call through the official SDK', () => {
  it('is registered when it is created, and echoes metadata and variables', async () => {
    const call = await dial('+56961234500');
    expect(call).toMatchObject({
      call_status: 'registered',
      call_type: 'phone_call',
      direction: 'outbound',
      agent_id: 'agent_test',
      from_number: '+566001234567',
      to_number: '+56961234500',
      metadata: { attempt_id: 'a1', account_id: 'acme', contact_id: 'k1' },
      retell_llm_dynamic_variables: { monto: '123.450' },
      call_cost: { product_costs: [], combined_cost: 0, total_duration_seconds: 0 },
    });
    await finished(call.call_id);
  });

  it('leaves out metadata and variables that were not given', async () => {
    const call = await sdk.call.createPhoneCall({ from_number: '+566001234567', to_number: '+56961234501' });
    expect(Object.keys(call)).not.toContain('metadata');
    expect(Object.keys(call)).not.toContain('retell_llm_dynamic_variables');
  });

  it('ends with transcript, recording, analysis and cost in cents', async () => {
    const { call_id: callId } = await dial('+56961234500');
    const call = await finished(callId);
    expect(call).toMatchObject({
      call_status: 'ended',
      disconnection_reason: 'agent_hangup',
      call_analysis: {
        in_voicemail: false,
        user_sentiment: 'Positive',
        call_successful: true,
        custom_analysis_data: { resultado: 'compromiso_pago' },
      },
    });
    expect(call.duration_ms).toBe((call.end_timestamp ?? 0) - (call.start_timestamp ?? 0));
    expect(call.transcript).toMatch(/^Agent: Buenos días/);
    expect(call.recording_multi_channel_url).toContain(callId);
    const cost = call.call_cost;
    expect(cost?.total_duration_seconds).toBe(1);
    expect(cost?.product_costs.map((line) => line.product)).toEqual([
      'retell_platform',
      'elevenlabs_tts',
      'gpt_4_1',
    ]);
    expect(cost?.combined_cost).toBeCloseTo(0.09 + 0.12 + 0.08, 10);
  });

  it('promises a date in the future and an amount in digits', async () => {
    const { call_id: callId } = await dial('+56961234500');
    const { call_analysis: analysis } = await finished(callId);
    const data = new Map(Object.entries(analysis?.custom_analysis_data ?? {}));
    expect(data.get('monto_pago_cliente')).toMatch(/^(123450|61725)$/);
    const date: unknown = data.get('fecha_pago_cliente');
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(Date.parse(String(date))).toBeGreaterThan(Date.now());
  });

  it('is stopped by stop-call and ends as manual_stopped', async () => {
    await fake.stop();
    await startFake(RINGING);
    const { call_id: callId } = await dial('+56961234500');
    expect(fake.running()).toBe(1);
    await sdk.call.stop(callId);
    expect(await retrievePhoneCall(callId)).toMatchObject({
      call_status: 'ended',
      disconnection_reason: 'manual_stopped',
    });
    expect(fake.running()).toBe(0);
  });

  it('counts in get-concurrency while it runs', async () => {
    await fake.stop();
    await startFake({ ...RINGING, concurrencyLimit: 2 });
    await dial('+56961234500', 'a1');
    expect(await sdk.concurrency.retrieve()).toMatchObject({ current_concurrency: 1, concurrency_limit: 2 });
  });
});

const OUTCOMES: readonly (readonly [digits: string, status: string, reason: string])[] = [
  ['00', 'ended', 'agent_hangup'],
  ['01', 'not_connected', 'dial_no_answer'],
  ['02', 'not_connected', 'dial_busy'],
  ['03', 'not_connected', 'user_declined'],
  ['04', 'ended', 'voicemail_reached'],
  ['05', 'not_connected', 'invalid_destination'],
  ['06', 'not_connected', 'dial_failed'],
  ['07', 'ended', 'inactivity'],
  ['08', 'ended', 'agent_hangup'],
  ['09', 'ended', 'user_hangup'],
  ['10', 'ended', 'user_hangup'],
  ['11', 'ended', 'user_hangup'],
  ['12', 'ended', 'user_hangup'],
  ['13', 'ended', 'ivr_reached'],
  ['14', 'ended', 'max_duration_reached'],
  ['15', 'error', 'concurrency_limit_reached'],
  ['16', 'error', 'no_valid_payment'],
  ['17', 'not_connected', 'telephony_provider_unavailable'],
  ['18', 'not_connected', 'telephony_provider_permission_denied'],
  ['19', 'not_connected', 'sip_routing_error'],
  ['20', 'not_connected', 'marked_as_spam'],
  ['21', 'error', 'scam_detected'],
  ['22', 'error', 'error_llm_websocket_lost_connection'],
  ['23', 'error', 'error_retell'],
  ['24', 'ended', 'agent_hangup'],
  ['25', 'ended', 'call_transfer'],
  ['26', 'ended', 'user_hangup'],
];

describe('outcomes by number', () => {
  it.each(OUTCOMES)('a number that ends in %s is %s: %s', async (digits, status, reason) => {
    const { call_id: callId } = await dial(`+569612345${digits}`);
    expect(await finished(callId)).toMatchObject({ call_status: status, disconnection_reason: reason });
  });

  it('an unconnected call has no start, transcript, recording or captured data', async () => {
    const { call_id: callId } = await dial('+56961234501');
    const call = await finished(callId);
    for (const field of ['start_timestamp', 'duration_ms', 'transcript', 'recording_url']) {
      expect(Object.keys(call)).not.toContain(field);
    }
    expect(call.call_analysis?.custom_analysis_data).toEqual({});
    expect(call.call_cost?.combined_cost).toBe(0);
  });

  it('a script of outcomes is followed call by call, the last one repeating', async () => {
    fake.scriptOutcomes('+56961234577', ['busy', 'promise']);
    const reasons: (string | undefined)[] = [];
    for (const attempt of ['a1', 'a2', 'a3']) {
      const { call_id: callId } = await dial('+56961234577', attempt);
      reasons.push((await finished(callId)).disconnection_reason);
    }
    expect(reasons).toEqual(['dial_busy', 'agent_hangup', 'agent_hangup']);
  });

  it('a voicemail found only by the analysis looks like a hang-up of our agent', async () => {
    const { call_id: callId } = await dial('+56961234524');
    expect(await finished(callId)).toMatchObject({
      call_status: 'ended',
      disconnection_reason: 'agent_hangup',
      call_analysis: { in_voicemail: true },
    });
  });

  it('the cost of a transferred call grows after it has ended', async () => {
    await fake.stop();
    await startFake({ ...QUICK, analysisMs: { min: 3_600_000, max: 3_600_000 } });
    const { call_id: callId } = await dial('+56961234525');
    await fake.waitUntil((f) => f.calls().some((call) => call.call['end_timestamp'] !== undefined));
    const before = await retrievePhoneCall(callId);
    await fake.stop();

    await startFake(QUICK);
    const { call_id: second } = await dial('+56961234525');
    const after = await finished(second);
    expect(before.call_cost?.product_costs.some((line) => line.is_transfer_leg_cost)).toBe(false);
    expect(after.call_cost?.product_costs.some((line) => line.is_transfer_leg_cost)).toBe(true);
    expect(after.transfer_end_timestamp).toBeGreaterThan(after.end_timestamp ?? Infinity);
  });
});

describe('outcomes by seed', () => {
  const numbers = Array.from({ length: 40 }, (_, n) => `+5696123${String(1000 + n)}`);

  async function outcomesInOrder(
    order: readonly string[],
    seed: string,
  ): Promise<ReadonlyMap<string, string>> {
    await fake.stop();
    await startFake({ ...RINGING, outcomeMode: 'seeded', seed, concurrencyLimit: 1000 });
    for (const number of order) await dial(number, number);
    return new Map(fake.calls().map((call) => [String(call.call['to_number']), call.outcome]));
  }

  it('are the same in any order of the calls', async () => {
    const forwards = await outcomesInOrder(numbers, 'one');
    const backwards = await outcomesInOrder(numbers.toReversed(), 'one');
    for (const number of numbers) expect(backwards.get(number)).toBe(forwards.get(number));
    expect(new Set(forwards.values()).size).toBeGreaterThan(5);
  });

  it('differ with the seed', async () => {
    const one = await outcomesInOrder(numbers, 'one');
    const two = await outcomesInOrder(numbers, 'two');
    expect(numbers.filter((number) => one.get(number) !== two.get(number)).length).toBeGreaterThan(5);
  });
});

describe('list-calls', () => {
  const byAttempt = (value: string): Retell.CallListParams => ({
    filter_criteria: { metadata: [{ type: 'string', op: 'eq', key: 'attempt_id', value }] },
  });

  it('finds a call by the attempt in its metadata, without its transcript', async () => {
    await dial('+56961234500', 'a1');
    const { call_id: callId } = await dial('+56961234500', 'a2');
    await finished(callId);
    const { items, has_more: hasMore } = await sdk.call.list(byAttempt('a2'));
    expect(items.map((item) => item.call_id)).toEqual([callId]);
    expect(hasMore).toBe(false);
    expect(Object.keys(items[0] ?? {}).filter((name) => name.includes('transcript'))).toEqual([]);
    expect((await sdk.call.list(byAttempt('a'))).items).toEqual([]);
  });

  it('finds a call that is registered, when no status is asked for', async () => {
    await fake.stop();
    await startFake(RINGING);
    await dial('+56961234500', 'a1');
    expect((await sdk.call.list(byAttempt('a1'))).items).toHaveLength(1);
  });

  it('filters by status, number and captured data, all of them together', async () => {
    const promised = await dial('+56961234500', 'a1');
    const silent = await dial('+56961234501', 'a2');
    await finished(promised.call_id);
    await finished(silent.call_id);
    const ids = async (criteria: Retell.CallListParams.FilterCriteria) =>
      (await sdk.call.list({ filter_criteria: criteria })).items.map((item) => item.call_id);
    expect(await ids({ call_status: { type: 'enum', op: 'in', value: ['not_connected'] } })).toEqual([
      silent.call_id,
    ]);
    expect(await ids({ to_number: { type: 'string', op: 'ew', value: '00' } })).toEqual([promised.call_id]);
    expect(
      await ids({
        custom_analysis_data: [{ type: 'present', op: 'pr', key: 'fecha_pago_cliente' }],
        combined_cost: { type: 'number', op: 'gt', value: 0 },
        in_voicemail: { type: 'boolean', op: 'eq', value: false },
        duration_ms: { type: 'range', op: 'bt', value: [0, 60_000] },
      }),
    ).toEqual([promised.call_id]);
    expect(
      await ids({
        to_number: { type: 'string', op: 'ew', value: '00' },
        disconnection_reason: { type: 'enum', op: 'in', value: ['dial_no_answer'] },
      }),
    ).toEqual([]);
  });

  it('pages with its cursor through every call once, in both directions', async () => {
    const placed: string[] = [];
    for (let n = 0; n < 5; n += 1) placed.push((await dial('+56961234501', `a${String(n)}`)).call_id);
    for (const order of ['ascending', 'descending'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page: Retell.CallListResponse = await sdk.call.list({
          limit: 2,
          sort_order: order,
          include_total: true,
          ...(cursor === undefined ? {} : { pagination_key: cursor }),
        });
        expect(page.total).toBe(5);
        seen.push(...page.items.map((item) => item.call_id));
        cursor = page.has_more ? page.pagination_key : undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual(order === 'ascending' ? placed : placed.toReversed());
    }
  });

  it('refuses a filter it does not know, and `registered` as a status', async () => {
    const list = (filter: unknown) =>
      sdk.post('/v3/list-calls', { body: { filter_criteria: filter } }).then(
        () => 'accepted',
        (error: unknown) => error,
      );
    expect(await list({ moon_phase: { type: 'string', op: 'eq', value: 'full' } })).toBeInstanceOf(
      BadRequestError,
    );
    expect(await list({ call_status: { type: 'enum', op: 'in', value: ['registered'] } })).toBeInstanceOf(
      BadRequestError,
    );
  });
});

describe('errors', () => {
  it('an unknown call id is a 422, not a 404', async () => {
    const error = await sdk.call.retrieve('call_unknown').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnprocessableEntityError);
    expect(String(error)).toContain('Cannot find requested asset under given api key.');
  });

  it('a wrong key is a 401 everywhere, and the POST is kept', async () => {
    const stranger = new Retell({ apiKey: 'wrong', baseURL: fake.baseUrl(), maxRetries: 0 });
    const dialled = stranger.call.createPhoneCall({
      from_number: '+566001234567',
      to_number: '+56961234500',
    });
    await expect(dialled).rejects.toBeInstanceOf(AuthenticationError);
    await expect(stranger.concurrency.retrieve()).rejects.toBeInstanceOf(AuthenticationError);
    expect(fake.posts()).toMatchObject([{ placed: false, answer: 401 }]);
  });

  const WRONG: readonly (readonly [what: string, body: Record<string, unknown>])[] = [
    ['no to_number', { to_number: undefined }],
    ['a number that is not E.164', { to_number: '961234500' }],
    ['a variable that is a number', { retell_llm_dynamic_variables: { monto: 1 } }],
    ['a ring below 5 s', { agent_override: { agent: { ring_duration_ms: 4999 } } }],
    ['a longest call below one minute', { agent_override: { agent: { max_call_duration_ms: 59_999 } } }],
    ['metadata above 50 kB', { metadata: { note: 'x'.repeat(50_001) } }],
    ['an empty agent id', { override_agent_id: '' }],
  ];
  it.each(WRONG)('%s is a 400 and places nothing', async (_, change) => {
    const body = { from_number: '+566001234567', to_number: '+56961234500', ...change };
    await expect(sdk.post('/v2/create-phone-call', { body })).rejects.toBeInstanceOf(BadRequestError);
    expect(fake.posts()).toMatchObject([{ placed: false, answer: 400 }]);
    expect(fake.calls()).toEqual([]);
  });

  it('a from_number that was never imported is a 422', async () => {
    await fake.stop();
    await startFake({ ...QUICK, fromNumbers: ['+566009999999'] });
    await expect(dial('+56961234500')).rejects.toBeInstanceOf(UnprocessableEntityError);
  });

  it('a call above the concurrency limit is a 429 and is not placed', async () => {
    await fake.stop();
    await startFake({ ...RINGING, concurrencyLimit: 1 });
    const { call_id: first } = await dial('+56961234500', 'a1');
    await expect(dial('+56961234500', 'a2')).rejects.toBeInstanceOf(RateLimitError);
    expect(fake.posts()).toMatchObject([
      { attemptId: 'a1', placed: true, callId: first, answer: 201 },
      { attemptId: 'a2', placed: false, answer: 429 },
    ]);
    await sdk.call.stop(first);
    await expect(dial('+56961234500', 'a3')).resolves.toMatchObject({ call_status: 'registered' });
  });

  it('402 has no class of its own in the SDK', async () => {
    fake.addFault({ kind: 'no_credit' });
    const error = await dial('+56961234500').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 402 });
  });
});
