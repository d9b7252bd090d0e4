import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { rescheduleAgreedSignal } from '../../../workflows/contact/contract.ts';
import { phoneEnding, until } from '../../support/live-world.ts';
import { attemptsOf, breaches, refusalsOf } from '../../support/live-truth.ts';
import { wireTo } from '../../support/wire.ts';
import { closeGate, createPlace, resultOf } from '../../support/worker-processes.ts';

/** Longer than Temporal waits for a task's result (10 s), so that the agreed slot still lies ahead. */
const agreedInMs = 25_000;

describe('a task whose result is lost', () => {
  it('is taken again with an agreed time in its mailbox: the line is asked for that time, and the first request is void', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const { world, fake } = live;
    const wire = await wireTo(world.temporal.address);
    onTestFinished(() => wire.close());
    const gate = await closeGate(onTestFinished, live, 'core.line_request');
    const { contactId, handle } = await call(phoneEnding('00'));
    await startWorker(wire.address);
    await gate.untilReached();
    // The worker writes its request, and can tell nobody.
    wire.cut();
    await gate.open();
    await until('the first request', async () => (await requestsOf(contactId)).length === 1);
    const opensAtMs = Date.now() + agreedInMs;
    const slot = {
      key: 'acordada',
      opensAtMs,
      closesAtMs: opensAtMs + 30_000,
      localDay: '2026-11-29',
      label: 'acordada',
    };
    await handle.signal(rescheduleAgreedSignal, { slot });
    await until('the loss of the task', async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).some(
        ({ workflowTaskTimedOutEventAttributes: lost }) => lost !== null && lost !== undefined,
      );
    });
    wire.mend();
    expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
    const [attempt, ...more] = await attemptsOf(live, contactId);
    expect(more).toEqual([]);
    expect(attempt).toMatchObject({ wave: 'acordada', state: 'ended' });
    expect(fake.posts()).toHaveLength(1);
    expect(await requestsOf(contactId)).toMatchObject([
      { wave: 'ola-1', state: 'withdrawn' },
      { wave: 'acordada', state: 'granted' },
    ]);
    // By whoever came first: the next step, or on a slow machine the dispatcher that took its line back.
    expect([['worker_died'], ['line_lost']]).toContainEqual(await refusalsOf(live, contactId));
    const { rows } = await sql<{ early: boolean }>`
      select attempted_at < ${new Date(opensAtMs)} as early from operation.attempt where contact_id = ${contactId}`.execute(
      world.owner,
    );
    expect(rows).toEqual([{ early: false }]);
    await until('the last settlement', async () => (await breaches(live)).length === 0);

    async function requestsOf(
      id: string,
    ): Promise<readonly { readonly wave: string; readonly state: string }[]> {
      return world.owner
        .selectFrom('core.line_request')
        .select(['wave_key as wave', 'state'])
        .where('contact_id', '=', id)
        .orderBy('created_at')
        .execute();
    }
  });
});
