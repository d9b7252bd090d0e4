import { once } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import type { contact } from '../../../workflows/contact/workflow.ts';
import { phoneEnding, until } from '../../support/live-world.ts';
import { attemptsOf, breaches, refusalsOf } from '../../support/live-truth.ts';
import { closeGate, createPlace, resultOf } from '../../support/worker-processes.ts';

describe.concurrent('a worker', () => {
  it('killed between POST and answer: both calls are found by their metadata, neither is dialled again', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const [rings, stillToRing] = [phoneEnding('00'), phoneEnding('00')];
    // The one rings already when the worker dies; the other is placed after its death. No webhook tells of either.
    live.fake.addFault({ kind: 'timeout_after_placed', toNumber: rings });
    live.fake.addFault({ kind: 'slow', ms: 5_000, toNumber: stillToRing });
    live.fake.addFault({ kind: 'lose_webhook', times: 'always' });
    const called = [await call(rings), await call(stillToRing)];
    const worker = await startWorker();
    await live.fake.waitUntil(
      (fake) => fake.posts().length === 2 && fake.posts().some(({ placed }) => placed),
    );
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(live.fake.posts().filter(({ answer }) => answer === 201)).toEqual([]);
    await startWorker();
    for (const { contactId, handle } of called) {
      expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
      const [attempt, ...more] = await attemptsOf(live, contactId);
      expect(attempt).toMatchObject({ state: 'ended', wave: 'ola-1', hold: 'posted' });
      expect(attempt?.events).toContain('found');
      expect(attempt?.events).not.toContain('placed');
      expect(more).toEqual([]);
    }
    expect(live.fake.posts().map(({ placed }) => placed)).toEqual([true, true]);
    expect(await breaches(live)).toEqual([]);
  });

  it('frozen in its gate and woken after the dial window records the attempt, and does not dial', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const { world, fake } = live;
    const gate = await closeGate(onTestFinished, live);
    const { contactId, handle } = await call(phoneEnding('00'));
    const worker = await startWorker();
    const standing = await gate.untilReached();
    worker.kill('SIGSTOP');
    await gate.open();
    await until('the end of the dial window', async () => ((await standing.ageMs()) ?? 0) > 10_500);
    worker.kill('SIGCONT');
    // The attempt is on record: only now could the POST leave, and the contact waits for the proof that it did not.
    await until('the attempt', async () => (await attemptsOf(live, contactId)).length === 1);
    await until('the look-up', async () =>
      /se busca la llamada en el proveedor/.test((await viewOf(handle)).waitingFor),
    );
    expect(fake.posts()).toEqual([]);
    await world.owner.updateTable('operation.attempt').set({ absent_after_at: new Date() }).execute();
    // The next wave's call is the only one that is ever sent.
    expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 2 });
    expect(fake.posts()).toMatchObject([{ placed: true }]);
    const [first, second] = await attemptsOf(live, contactId);
    expect(first).toMatchObject({ wave: 'ola-1', state: 'absent', hold: 'expired' });
    expect(second).toMatchObject({ wave: 'ola-2', state: 'ended' });
    expect(fake.posts()[0]?.attemptId).toBe(second?.id);
    await until('the last settlement', async () => (await breaches(live)).length === 0);
  });

  it('frozen for longer than the server keeps its transaction does not dial, and lives on', async ({
    onTestFinished,
  }) => {
    const { live, startWorker, call } = await createPlace(onTestFinished);
    const gate = await closeGate(onTestFinished, live);
    const { contactId, handle } = await call(phoneEnding('00'));
    const frozen = await startWorker();
    const standing = await gate.untilReached();
    frozen.kill('SIGSTOP');
    await gate.open();
    await startWorker();
    await until('the end of its transaction', async () => (await standing.ageMs()) === undefined);
    // Another worker takes the contact over: the turn is a refusal, the line is back, the next wave calls.
    expect(await resultOf(handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
    const attempts = await attemptsOf(live, contactId);
    // A later wave; which one depends on how soon the server noticed that the worker was gone.
    expect(attempts).toMatchObject([{ wave: expect.stringMatching(/^ola-[2-9]$/), state: 'ended' }]);
    // By whoever came first: the dispatcher that took its line back, or the contact that looked its dial up.
    const [refusal] = await refusalsOf(live, contactId);
    expect(['line_lost', 'worker_died']).toContain(refusal);
    frozen.kill('SIGCONT');
    // A person who is called by the woken worker as well would be heard of here.
    const next = await call(phoneEnding('00'));
    expect(await resultOf(next.handle)).toMatchObject({ outcome: 'promise', attempts: 1 });
    expect(live.fake.posts()).toHaveLength(2);
    expect(frozen.exitCode).toBeNull();
    await until('the last settlement', async () => (await breaches(live)).length === 0);
  });
});

async function viewOf(handle: WorkflowHandle<typeof contact>): Promise<{ readonly waitingFor: string }> {
  return handle.query<{ readonly waitingFor: string }>('view');
}
