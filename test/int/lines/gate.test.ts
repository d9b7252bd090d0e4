import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDialActivity } from '../../../activities/contact/dial.ts';
import { createTurnActivities } from '../../../activities/contact/turn.ts';
import type { DialInput } from '../../../activities/contact/types.ts';
import { databaseNow, inAccount } from '../../../db/client.ts';
import { lockPerson, lockPersonAndNumber } from '../../../domain/people/queries.ts';
import type { VoiceProvider } from '../../../domain/calls/voice-port.ts';
import type { ContactFact } from '../../../domain/contacts/rules/facts.ts';
import { projection, placed, voiceThat, withLines } from '../../support/dials.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { until } from '../../support/live-world.ts';
import { openLeases, withPool } from '../../support/line-queue.ts';
import { createWorld, inventedPhone, type World } from '../../support/world.ts';

let shared: World;
beforeAll(async () => {
  shared = await createWorld();
});
afterAll(() => shared.close());

async function dialWith(world: World, voice: VoiceProvider, input: DialInput): Promise<string> {
  const { dial } = createDialActivity({ app: world.app, system: world.system, voice });
  const { deliveries } = await dial(input);
  return deliveries.map(({ fact }) => wordsOf(fact)).join();
}

const wordsOf = (fact: ContactFact): string => ('reason' in fact ? `${fact.type} ${fact.reason}` : fact.type);

/** All of these contacts become one person's. */
async function makeOnePerson(world: World, inputs: readonly DialInput[]): Promise<string> {
  const ids = inputs.map(({ contactId }) => contactId);
  const { person_id } = await world.owner
    .selectFrom('core.contact')
    .select('person_id')
    .where('id', 'in', ids)
    .limit(1)
    .executeTakeFirstOrThrow();
  await world.owner.updateTable('core.contact').set({ person_id }).where('id', 'in', ids).execute();
  return person_id;
}

/** A dial whose call has ended unanswered, and is understood. */
async function dialInVain(world: World, input: DialInput): Promise<void> {
  expect(await dialWith(world, voiceThat(placed), input)).toBe('DialPlaced');
  const now = await databaseNow(world.owner);
  await world.owner
    .updateTable('operation.call')
    .set({ state: 'ended', ended_at: now, signalled_at: now, rang: true, human: false })
    .where('attempt_id', '=', input.attemptId)
    .execute();
  await world.owner
    .updateTable('core.line_lease')
    .set({ released_at: now, release_reason: 'call_ended' })
    .where('id', '=', input.attemptId)
    .execute();
}

describe('the limit of a day', () => {
  it('is shared by one phone of five people who are dialled at the same instant: three dials, no more', async () => {
    const world = await withPool(shared);
    const inputs = await withLines(world, 5);
    const e164 = inventedPhone();
    const phoneIds = inputs.map(({ phoneId }) => phoneId);
    await world.owner.updateTable('core.phone').set({ e164 }).where('id', 'in', phoneIds).execute();
    const voice = voiceThat(placed);
    const facts = await Promise.all(inputs.map((input) => dialWith(world, voice, input)));
    const refused = 'DialRefused daily_limit';
    expect(facts.toSorted()).toEqual(['DialPlaced', 'DialPlaced', 'DialPlaced', refused, refused]);
    expect(voice.dialled).toHaveLength(3);
    // The lines of the refused ones are back.
    expect(await openLeases(world)).toHaveLength(3);
  });

  it('two people who share a number take turns at it', async () => {
    const world = await withPool(shared);
    const [first, second] = await withLines(world, 2);
    if (first === undefined || second === undefined) throw new Error('no lines');
    const e164 = inventedPhone();
    const phoneIds = [first.phoneId, second.phoneId];
    await world.owner.updateTable('core.phone').set({ e164 }).where('id', 'in', phoneIds).execute();
    const voice = voiceThat(placed);
    let dialling: Promise<string> | undefined;
    await inAccount(world.app, world.accountId, async (trx) => {
      await lockPersonAndNumber(trx, first);
      dialling = dialWith(world, voice, second);
      await untilBlocked(world);
      expect(voice.dialled).toEqual([]);
    });
    expect(await dialling).toBe('DialPlaced');
  });

  it('is shared by four batches of one person who has had two calls: one dial, and one at a time', async () => {
    const world = await withPool(shared);
    const all = await withLines(world, 6);
    await makeOnePerson(world, all);
    for (const before of all.slice(0, 2)) await dialInVain(world, before);
    const inputs = all.slice(2);
    const voice = voiceThat(placed);
    const facts = await Promise.all(inputs.map((input) => dialWith(world, voice, input)));
    expect(facts.filter((fact) => fact === 'DialPlaced')).toHaveLength(1);
    expect(facts.filter((fact) => /DialRefused (daily_limit|person_on_call)/.test(fact))).toHaveLength(3);
    expect(voice.dialled).toHaveLength(1);
    expect(await openLeases(world)).toHaveLength(1);
  });
});

describe('a gate that waited for another dial of the same person', () => {
  it.for([
    ['the person asked not to be called', 'do_not_call'],
    ['the batch was cancelled', 'batch_not_running'],
    ['the number turned out not to exist', 'phone_invalid'],
  ] as const)('sees what happened meanwhile: %s', async ([, reason]) => {
    const world = await withPool(shared);
    const [input] = await withLines(world, 1);
    if (input === undefined) throw new Error('no line');
    const { personId } = await world.owner
      .selectFrom('core.contact')
      .select('person_id as personId')
      .where('id', '=', input.contactId)
      .executeTakeFirstOrThrow();
    const voice = voiceThat(placed);
    let dialling: Promise<string> | undefined;
    await inAccount(world.app, world.accountId, async (trx) => {
      await lockPerson(trx, personId);
      dialling = dialWith(world, voice, input);
      await untilBlocked(world);
      const now = new Date();
      const { owner } = world;
      if (reason === 'do_not_call')
        await trx
          .updateTable('core.person')
          .set({ do_not_call_at: now })
          .where('id', '=', personId)
          .execute();
      if (reason === 'batch_not_running')
        await owner
          .updateTable('core.batch')
          .set({ state: 'cancelled' })
          .where('id', '=', input.batchId)
          .execute();
      if (reason === 'phone_invalid')
        await owner
          .updateTable('core.phone')
          .set({ invalid_at: now })
          .where('id', '=', input.phoneId)
          .execute();
    });
    expect(await dialling).toBe(`DialRefused ${reason}`);
    expect(voice.dialled).toEqual([]);
    expect(await openLeases(world)).toEqual([]);
  });
});

it('two dials of one person at once, the one being undone, do not deadlock', async () => {
  const world = await withPool(shared);
  const [first, second] = await withLines(world, 2);
  if (first === undefined || second === undefined) throw new Error('no lines');
  await makeOnePerson(world, [first, second]);
  const posted = Promise.withResolvers<undefined>();
  const limited = { kind: 'rejected', reason: 'rate_limited', httpStatus: 429, message: '' } as const;
  const voice = voiceThat(() => posted.promise.then(() => limited));
  const rejecting = dialWith(world, voice, first);
  await until('the POST', () => Promise.resolve(voice.dialled.length === 1));
  let refusing: Promise<string> | undefined;
  // Whoever gives a line back needs the balance, which is taken: both stand in their transactions.
  await world.owner.transaction().execute(async (trx) => {
    await sql`select 1 from core.ledger_account where account_id = ${world.accountId} for update`.execute(
      trx,
    );
    posted.resolve(undefined);
    await untilBlocked(shared);
    refusing = dialWith(world, voice, second);
    await untilBlocked(shared, 2);
  });
  expect(await rejecting).toBe('DialRejected rate_limited');
  // It waited for the first, whose call was none, and then had its own turn.
  expect(await refusing).toBe('DialRejected rate_limited');
  expect(await openLeases(world)).toEqual([]);
});

describe('a granted line that is not dialled any more', () => {
  it.for(['paused', 'cancelled'] as const)('goes back with its hold when its contact is %s', async (how) => {
    const world = await withPool(shared);
    const [input] = await withLines(world, 1);
    if (input === undefined) throw new Error('no line');
    const { holdContact, closeContact } = createTurnActivities({
      app: world.app,
      system: world.system,
      voice: voiceThat(placed),
    });
    const turn = { ...input, missedRequestId: null, projection, step: null };
    if (how === 'paused')
      await holdContact({ ...turn, withdrawnRequestId: input.requestId, waitsForRequestId: null });
    else await closeContact({ ...turn, outcome: 'cancelled' });
    expect(await openLeases(world)).toEqual([]);
    const hold = await world.owner
      .selectFrom('core.ledger_hold')
      .select('state')
      .where('request_id', '=', input.requestId)
      .executeTakeFirstOrThrow();
    expect(hold.state).toBe('voided');
    // The grant's signal may still be on its way: whoever dials on it is refused.
    const voice = voiceThat(placed);
    expect(await dialWith(world, voice, input)).toBe('DialRefused line_lost');
    expect(voice.dialled).toEqual([]);
  });

  it('nor does a dial that comes after its time use it, though nobody has taken it back yet', async () => {
    const world = await withPool(shared);
    const [input] = await withLines(world, 1);
    if (input === undefined) throw new Error('no line');
    await world.owner
      .updateTable('core.line_lease')
      .set({ expires_at: await databaseNow(world.owner) })
      .where('id', '=', input.attemptId)
      .execute();
    const voice = voiceThat(placed);
    expect(await dialWith(world, voice, input)).toBe('DialRefused line_lost');
    expect(voice.dialled).toEqual([]);
    expect(await openLeases(world)).toEqual([]);
  });

  it('a dial that is tried a second time on the same line is refused: one line, one attempt', async () => {
    const world = await withPool(shared);
    const [input] = await withLines(world, 1);
    if (input === undefined) throw new Error('no line');
    const voice = voiceThat(placed);
    expect(await dialWith(world, voice, input)).toBe('DialPlaced');
    expect(await dialWith(world, voice, input)).toBe('DialRefused line_lost');
    expect(voice.dialled).toHaveLength(1);
    expect(await openLeases(world)).toHaveLength(1);
  });
});
