import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayExecution, testTemporal, type TestTemporal } from '../../support/temporal.ts';
import { jarBundle, JarWorld } from './jar-world.ts';
import type { Jar } from './toy.ts';

let temporal: TestTemporal;
let world: JarWorld;
beforeAll(async () => {
  temporal = await testTemporal();
  world = new JarWorld(temporal);
  await world.startWorker();
});
afterAll(async () => {
  await world.stopWorker();
  await temporal.close();
});

const coin = (id: string) => ({ args: [{ id }] as [{ id: string }] });

/** Why an update was refused. */
async function refusalOf(update: Promise<unknown>): Promise<string | undefined> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowUpdateFailedError ? error.cause?.message : undefined;
}

describe('an entity', () => {
  it('takes what comes in one by one, answers each update, and ends with everything taken', async () => {
    const handle = await world.start();
    const views = await Promise.all(
      ['a', 'b', 'c'].map((id) => handle.executeUpdate<Jar, [{ id: string }]>('put', coin(id))),
    );
    for (const [index, id] of ['a', 'b', 'c'].entries()) expect(views[index]?.coins).toContain(id);
    await handle.signal('put', { id: 'a' });
    await handle.executeUpdate('close', { args: [{}] });
    const jar = await world.finished(handle);
    expect([...jar.coins].sort()).toEqual(['a', 'b', 'c']);
    expect([...jar.counted].sort()).toEqual(['a', 'b', 'c']);
  });

  it('that ends answers "closed" to everything that waits behind its end, and lets nobody wait', async () => {
    await world.stopWorker();
    const handle = await world.start();
    // Without a worker they all arrive in one task: the first closes, and the others stand behind it.
    const answers = ['one', 'two', 'three', 'four'].map((id) =>
      refusalOf(handle.executeUpdate('close', { args: [{ id }] })),
    );
    await expect
      .poll(async () => (await handle.fetchHistory()).events?.length ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(1);
    await world.startWorker();
    const told = await Promise.all(answers);
    expect(told.filter((why) => why === undefined)).toHaveLength(1);
    expect(told.filter((why) => why === 'the jar is closed')).toHaveLength(3);
    await world.finished(handle);
  });

  it('refuses what cannot be read with a row and a note, and goes on', async () => {
    const handle = await world.start();
    const before = world.refused.length;
    const bad: readonly unknown[] = [null, 7, 'text', [], { id: 12 }, { id: 'a\u0000b' }, { id: '\ud800' }];
    for (const payload of bad) await handle.signal('put', payload);
    expect(await refusalOf(handle.executeUpdate('put', { args: [{ id: {} }] }))).toContain('jar.id');
    for (const [encoding, bytes] of [
      ['json/plain', '{"id": '],
      ['of/somebody-else', '{}'],
    ] as const) {
      await temporal.connection.workflowService.signalWorkflowExecution({
        namespace: temporal.namespace,
        workflowExecution: { workflowId: handle.workflowId },
        signalName: 'put',
        input: { payloads: [{ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(bytes) }] },
      });
    }
    const jar = await handle.executeUpdate<Jar, [{ id: string }]>('put', coin('good'));
    expect(jar.coins.filter((id) => id !== '')).toEqual(['good']);
    const refused = world.refused.slice(before);
    expect(new Set(refused.map(({ refusal }) => refusal.key)).size).toBe(refused.length);
    expect(refused.map(({ refusal }) => refusal.kind)).toContain('update');
    expect(refused.filter(({ refusal }) => refusal.kind === 'signal').length).toBeGreaterThanOrEqual(8);
    const { description } = await notesOf(handle.workflowId);
    expect(description).toContain('Rechazado');
    await handle.signal('close', {});
    await world.finished(handle);
  });

  it('goes on after an answer that cannot be read, and after a command that failed for good', async () => {
    const handle = await world.start();
    const before = world.refused.length;
    for (const id of ['bad-answer', 'bad-failure', 'good']) await handle.executeUpdate('put', coin(id));
    await handle.signal('close', {});
    const jar = await world.finished(handle);
    expect(jar.counted).toEqual(['good']);
    expect(world.refused.slice(before).map(({ refusal }) => [refusal.kind, refusal.name])).toEqual([
      ['answer', 'Count'],
      ['answer', 'Count'],
    ]);
  });

  it('takes the cancellation of its workflow as a fact: what the end commands is still done', async () => {
    const handle = await world.start();
    await handle.executeUpdate('put', coin('a'));
    await handle.cancel();
    expect(await world.finished(handle)).toMatchObject({ coins: ['a'], isClosed: true });
    expect(world.sealed).toContain('cancelled');
  });

  it('starts its history afresh when it has grown, and forgets nothing', async () => {
    const handle = await world.start();
    const { runId: firstRunId } = await handle.describe();
    const ids = Array.from({ length: 25 }, (_, index) => `coin-${index}`);
    for (const id of ids) await handle.executeUpdate('put', coin(id));
    // Known to the run before: a message that comes again after the change of runs is the same message.
    await handle.signal('put', { id: 'coin-3' });
    const { runId } = await handle.describe();
    expect(runId).not.toBe(firstRunId);
    await handle.signal('close', {});
    const jar = await world.finished(handle);
    expect(jar.coins).toEqual(ids);
    expect(jar.counted).toEqual(ids);
  });
});

it('an entity in virtual time rings once at its one deadline, and replays', async () => {
  const client = await temporal.startSkipping();
  const closesAtMs = Date.now() + 30 * 24 * 3_600_000;
  const handle = await client.workflow.start('jar', {
    workflowId: `jar-${randomUUID()}`,
    taskQueue: world.taskQueue,
    args: [{ accountId: 'account', closesAtMs }],
  });
  expect(await handle.result()).toMatchObject({ isClosed: true });
  expect(world.sealed).toContain('time');
  await replayExecution(handle, await jarBundle());
});

/** What stands in the Temporal UI. */
async function notesOf(workflowId: string): Promise<{ readonly description: string }> {
  const details = await temporal.client.workflow.getHandle(workflowId).query('__temporal_workflow_metadata');
  return { description: JSON.stringify(details) };
}
