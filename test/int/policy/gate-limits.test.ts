import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDialActivity } from '../../../activities/contact/dial.ts';
import type { DialInput } from '../../../activities/contact/types.ts';
import { inAccount } from '../../../db/client.ts';
import type { RulePack } from '../../../domain/policy/rules/pack.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { settleCall } from '../../../domain/calls/settle-call.ts';
import type { PlaceCallRequest, ProviderCall, VoiceProvider } from '../../../domain/calls/voice-port.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { queue, roundsUntilQuiet, withPool } from '../../support/line-queue.ts';
import { createWorld, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

const projection = { state: 'calling', waitingFor: 'Marca', attempts: 1, nextAtMs: null } as const;

/** Contacts of one person, each in a batch of its own and with a line, under this version of the demo's pack. */
async function ofOnePerson(world: World, count: number, packVersion: number): Promise<readonly DialInput[]> {
  const inputs: DialInput[] = [];
  for (let index = 0; index < count; index += 1) {
    const { batch, requestIds } = await queue(world, world.accountId, 1);
    const [contact] = batch.contacts;
    const [requestId = ''] = requestIds;
    const granted = await roundsUntilQuiet(world);
    const { owner } = world;
    await owner
      .updateTable('core.batch')
      .set({ pack_version: packVersion })
      .where('id', '=', batch.batchId)
      .execute();
    inputs.push({
      accountId: world.accountId,
      batchId: batch.batchId,
      contactId: contact?.contactId ?? '',
      run: 1,
      mode: 'live',
      nowMs: Date.now(),
      attemptId: granted.find((grant) => grant.requestId === requestId)?.leaseId ?? '',
      requestId,
      phoneId: contact?.phones[0] ?? '',
      slot: { key: 'ola-1', opensAtMs: 0, closesAtMs: Date.now() + 60_000, localDay: '', label: 'ola 1' },
      number: 1,
      rescheduled: false,
      projection,
    });
  }
  const ids = inputs.map(({ contactId }) => contactId);
  await world.owner
    .updateTable('core.contact')
    .set((eb) => ({
      person_id: eb
        .selectFrom('core.contact')
        .select('person_id')
        .where('id', '=', ids[0] ?? '')
        .limit(1),
    }))
    .where('id', 'in', ids)
    .execute();
  return inputs;
}

async function storePack(world: World, version: number, change: Partial<RulePack>): Promise<void> {
  const definition = JSON.stringify({ ...demoPack, ...change, version });
  await world.owner
    .insertInto('catalogue.rule_pack_version')
    .values({ key: 'demo', version, definition, source: 'test', confidence: 'none' })
    .execute();
}

function listening(): VoiceProvider & { readonly requests: PlaceCallRequest[] } {
  const requests: PlaceCallRequest[] = [];
  return {
    requests,
    placeCall: (request) => {
      requests.push(request);
      return Promise.resolve({ kind: 'placed', providerCallId: `call of ${request.attemptId}` });
    },
    findCallByAttempt: () => Promise.resolve(undefined),
    getCall: () => Promise.resolve(undefined),
    stopCall: () => Promise.resolve(),
    concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
  };
}

async function dialWith(world: World, voice: VoiceProvider, input: DialInput) {
  const { deliveries } = await createDialActivity({ app: world.app, system: world.system, voice }).dial(
    input,
  );
  const [first] = deliveries;
  if (first === undefined) throw new Error('the dial said nothing');
  return first.fact;
}

/** The call is over, and understood: it rang, and nobody answered. */
const endSilently = (world: World, attemptId: string): Promise<unknown> =>
  world.owner
    .updateTable('operation.call')
    .set({
      state: 'ended',
      rang: true,
      human: false,
      disconnection_reason: 'dial_no_answer',
      ended_at: new Date(),
      signalled_at: new Date(),
    })
    .where('attempt_id', '=', attemptId)
    .execute();

describe("the gate of the dial counts a pack's own limits over all batches of a person", () => {
  it.for([
    ['a week', 3, { kind: 'calendar_week' }, 'weekly_limit'],
    ['rolling days', 4, { kind: 'rolling_days', days: 5 }, 'rolling_limit'],
  ] as const)(
    '%s: the second attempt is a refusal with its rule and when it lets go',
    async ([, version, per, reason]) => {
      const world = await withPool(shared);
      const limit = { channel: 'phone', countOn: 'ring', max: 1, per, scope: 'person' } as const;
      await storePack(world, version, { limits: [limit] });
      const [first, second, third] = await ofOnePerson(world, 3, version);
      if (first === undefined || second === undefined || third === undefined) throw new Error('no lines');
      const voice = listening();
      expect(await dialWith(world, voice, first)).toMatchObject({ type: 'DialPlaced' });
      expect(await dialWith(world, voice, second)).toMatchObject({ reason: 'person_on_call' });
      await endSilently(world, first.attemptId);
      const refused = await dialWith(world, voice, third);
      expect(refused).toMatchObject({ type: 'DialRefused', reason });
      expect('notBeforeMs' in refused ? Number(refused.notBeforeMs) : 0).toBeGreaterThan(Date.now());
      const row = await world.owner
        .selectFrom('operation.refusal')
        .select('rule')
        .where('contact_id', '=', third.contactId)
        .executeTakeFirstOrThrow();
      expect(row.rule).toMatch(
        new RegExp(`^demo@${version}: 1 calls that rang (a week|in 5 days) to one person$`),
      );
      expect(voice.requests).toHaveLength(1);
    },
  );

  it('a call that never was one counts for nothing', async () => {
    const world = await withPool(shared);
    const per = { kind: 'calendar_week' } as const;
    const limit = { channel: 'phone', countOn: 'attempt', max: 1, per, scope: 'person' } as const;
    await storePack(world, 5, { limits: [limit] });
    const [first, second] = await ofOnePerson(world, 2, 5);
    if (first === undefined || second === undefined) throw new Error('no lines');
    const voice = listening();
    const no = { kind: 'rejected', reason: 'rate_limited', httpStatus: 429, message: '' } as const;
    const busy = { ...voice, placeCall: () => Promise.resolve(no) };
    expect(await dialWith(world, busy, first)).toMatchObject({ type: 'DialRejected' });
    expect(await dialWith(world, voice, second)).toMatchObject({ type: 'DialPlaced' });
  });
});

describe('the call that the gate lets through', () => {
  it("carries the pack's disclosures, and hangs up on a machine", async () => {
    const world = await withPool(shared);
    const [input] = await ofOnePerson(world, 1, 2);
    if (input === undefined) throw new Error('no line');
    const voice = listening();
    await dialWith(world, voice, input);
    expect(voice.requests[0]?.voicemail).toEqual({ kind: 'hang_up' });
    expect(voice.requests[0]?.variables['aviso_ia']).toContain('inteligencia artificial');
  });

  it('of a batch under an earlier version of the pack is made as it was then', async () => {
    const world = await withPool(shared);
    await storePack(world, 1, { voicemail: { policy: 'full' }, disclosures: [] });
    const [input] = await ofOnePerson(world, 1, 1);
    if (input === undefined) throw new Error('no line');
    const voice = listening();
    await dialWith(world, voice, input);
    expect(voice.requests[0]).not.toHaveProperty('voicemail');
    expect(voice.requests[0]?.variables['aviso_ia']).toBe('');
  });
});

it('the end of a call that asks for no more calls, and the next dial of that person, do not deadlock', async () => {
  const world = await withPool(shared);
  const { accountId } = world;
  const [first, second] = await ofOnePerson(world, 2, 2);
  if (first === undefined || second === undefined) throw new Error('no lines');
  const voice = listening();
  await dialWith(world, voice, first);
  const endedAtMs = Date.now();
  const call: ProviderCall = {
    providerCallId: `call of ${first.attemptId}`,
    status: 'ended',
    attemptId: first.attemptId,
    startedAtMs: endedAtMs - 30_000,
    endedAtMs,
    durationMs: 30_000,
    disconnectionReason: 'user_hangup',
    analysed: true,
    captured: { resultado: 'no_llamar' },
    billableSeconds: 30,
    costMicros: 10_000,
    costByProduct: [],
  };
  let settling: Promise<unknown> | undefined;
  let dialling: Promise<unknown> | undefined;
  // Both need the balance in the end, which is taken; the one that is first to ask for it has the person as well.
  await world.owner.transaction().execute(async (trx) => {
    await sql`select 1 from core.ledger_account where account_id = ${accountId} for update`.execute(trx);
    settling = inAccount(world.app, accountId, (own) =>
      settleCall(own, { accountId, attemptId: first.attemptId, call, nowMs: endedAtMs }),
    );
    await untilBlocked(world);
    dialling = dialWith(world, voice, second);
    await untilBlocked(world, 2);
  });
  await expect(settling).resolves.toMatchObject({ kind: 'settled' });
  await expect(dialling).resolves.toMatchObject({ type: 'DialRefused', reason: 'do_not_call' });
});
