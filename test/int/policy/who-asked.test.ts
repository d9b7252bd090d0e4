import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDialActivity } from '../../../activities/contact/dial.ts';
import { inAccount } from '../../../db/client.ts';
import { type RequestedBy, resolveWish } from '../../../domain/contacts/reschedule-wish.ts';
import { readRegister } from '../../../domain/people/queries-register.ts';
import { openLeases, queue, roundsUntilQuiet } from '../../support/line-queue.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ rehearsal: false });
});
afterAll(() => world.close());

const projection = { state: 'calling', waitingFor: 'Marca', attempts: 1, nextAtMs: null } as const;

interface Dialled {
  readonly fact: string;
  readonly attemptId: string;
  readonly personId: string;
}

/** One dial for a person, under the demo pack: any hour, and seven days of silence after an answer. */
async function dial(personId: string | undefined, requestedBy: RequestedBy | null): Promise<Dialled> {
  const { accountId } = world;
  const { batch, requestIds } = await queue(world, accountId, 1);
  const [contact] = batch.contacts;
  const contactId = contact?.contactId ?? '';
  const own = contact?.personId ?? '';
  if (personId !== undefined) {
    await world.owner
      .updateTable('core.contact')
      .set({ person_id: personId })
      .where('id', '=', contactId)
      .execute();
  }
  const granted = await roundsUntilQuiet(world);
  const attemptId = granted.find(({ requestId }) => requestId === requestIds[0])?.leaseId ?? '';
  const key = requestedBy === null ? 'ola-1' : await agreedSlot(contactId, requestedBy);
  const { deliveries } = await createDialActivity({
    app: world.app,
    system: world.system,
    voice: {
      placeCall: () => Promise.resolve({ kind: 'placed', providerCallId: `call_${attemptId}` }),
      findCallByAttempt: () => Promise.resolve(undefined),
      getCall: () => Promise.resolve(undefined),
      stopCall: () => Promise.resolve(),
      concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
    },
  }).dial({
    accountId,
    batchId: batch.batchId,
    contactId,
    run: 1,
    mode: 'live',
    nowMs: Date.now(),
    attemptId,
    requestId: requestIds[0] ?? '',
    phoneId: contact?.phones[0] ?? '',
    slot: { key, opensAtMs: 0, closesAtMs: Date.now() + 60_000, localDay: '', label: 'acordada' },
    number: 1,
    rescheduled: requestedBy !== null,
    projection,
  });
  const fact = deliveries
    .map(({ fact: one }) => ('reason' in one ? `${one.type} ${one.reason}` : one.type))
    .join();
  return { fact, attemptId, personId: personId ?? own };
}

/** The wish is agreed on by the rule of all sides; its slot is the one that is dialled. */
async function agreedSlot(contactId: string, requestedBy: RequestedBy): Promise<string> {
  const { accountId } = world;
  const answer = await inAccount(world.app, accountId, (trx) =>
    resolveWish(trx, {
      accountId,
      contactId,
      attemptId: null,
      source: 'api',
      requestedBy,
      wish: { text: 'en dos horas' },
      at: new Date(),
    }),
  );
  if (!answer.ok) throw new Error(`refused: ${answer.rule}`);
  return answer.slot.key;
}

/** A person who answered a moment ago. */
async function answered(): Promise<string> {
  const { attemptId, personId } = await dial(undefined, null);
  const now = new Date();
  await world.owner
    .updateTable('operation.call')
    .set({ state: 'ended', human: true, rang: true, ended_at: now, signalled_at: now })
    .where('attempt_id', '=', attemptId)
    .execute();
  return personId;
}

describe('in the days of silence after an answer', () => {
  it('a call that an operator asked for is refused, and its line is back', async () => {
    const personId = await answered();
    const before = (await openLeases(world)).length;
    expect((await dial(personId, 'operator')).fact).toBe('DialRefused cool_down');
    expect((await openLeases(world)).length).toBe(before);
  });

  it('a call that the person asked for is made; what was waived stands with it, and in the register', async () => {
    const personId = await answered();
    const { fact, attemptId } = await dial(personId, 'person');
    expect(fact).toBe('DialPlaced');
    const waived = ['demo@2: 7 days of silence after a human answered'];
    const row = await world.owner
      .selectFrom('operation.attempt')
      .select('waived')
      .where('id', '=', attemptId)
      .executeTakeFirstOrThrow();
    expect(row.waived).toEqual(waived);
    const register = await inAccount(world.app, world.accountId, (trx) => readRegister(trx, personId));
    expect(register.find(({ reference }) => reference === attemptId)).toMatchObject({
      requested: true,
      waived,
    });
    expect(register.filter(({ waived: none }) => none.length > 0)).toHaveLength(1);
  });
});
