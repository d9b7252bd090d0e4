import { setTimeout as sleep } from 'node:timers/promises';
import {
  isGrpcServiceError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testTemporal, type TestTemporal } from '../../support/temporal.ts';
import { JarWorld } from './jar-world.ts';
import type { Jar, jar } from './toy.ts';

const { WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND: UNHANDLED_COMMAND } =
  proto.temporal.api.enums.v1.WorkflowTaskFailedCause;

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

/** What the world does to a jar, one after the other; nobody waits for an answer before the next step. */
const steps = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('signal', 'update') },
      { weight: 2, arbitrary: fc.constantFrom('same', 'bad signal', 'bad update', 'bad answer', 'failure') },
      { weight: 1, arbitrary: fc.constantFrom('close signal', 'close update', 'cancel', 'kill', 'rest') },
    ),
    pick: fc.nat(99),
  }),
  { minLength: 8, maxLength: 40 },
);

interface Step {
  readonly kind: string;
  readonly pick: number;
}

interface Answer {
  readonly id: string;
  readonly result: 'taken' | 'closed' | 'malformed';
  readonly view?: Jar;
}

type Handle = WorkflowHandle<typeof jar>;

async function ask(handle: Handle, name: string, id: string, payload: unknown): Promise<Answer> {
  try {
    const view = await handle.executeUpdate<Jar, [unknown]>(name, { args: [payload] });
    return { id, result: 'taken', view };
  } catch (error) {
    // The end came before the update reached the server, or while it was on its way.
    if (error instanceof WorkflowNotFoundError) return { id, result: 'closed' };
    // The server took a workflow task back (seen once in a loaded run) and the update with it: the caller asks again.
    if (wasTakenBack(error)) return ask(handle, name, id, payload);
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const why = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
    if (why === 'EntityClosed') return { id, result: 'closed' };
    if (why === 'MalformedMessage') return { id, result: 'malformed' };
    // An update that was accepted and never answered would come as another failure.
    throw error;
  }
}

/** gRPC's FAILED_PRECONDITION: a task was completed and not accepted, because the workflow had more to read. */
function wasTakenBack(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) && Number(cause.code) === 9;
}

async function signal(handle: Handle, name: string, payload: unknown): Promise<void> {
  try {
    await handle.signal(name, payload);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Begins one step. Undefined: nobody is asked for an answer. */
function question(handle: Handle, { kind, pick }: Step, index: number): Promise<Answer> | undefined {
  const id = `coin-${index}`;
  switch (kind) {
    case 'update':
      return ask(handle, 'put', id, { id });
    case 'same':
      return ask(handle, 'put', 'same', { id: 'same' });
    case 'bad answer':
    case 'failure': {
      const bad = kind === 'failure' ? `bad-failure-${index}` : `bad-answer-${index}`;
      return ask(handle, 'put', bad, { id: bad });
    }
    case 'bad update':
      return ask(handle, 'put', 'malformed', pick % 2 === 0 ? 'text' : { id: [pick] });
    case 'close update':
      return ask(handle, 'close', 'close', {});
    default:
      return undefined;
  }
}

async function event(world: JarWorld, handle: Handle, { kind, pick }: Step, index: number): Promise<void> {
  switch (kind) {
    case 'signal':
      await signal(handle, 'put', { id: `coin-${index}` });
      return;
    case 'bad signal':
      await signal(handle, 'put', pick % 2 === 0 ? null : { id: pick });
      return;
    case 'close signal':
      await signal(handle, 'close', {});
      return;
    case 'cancel':
      await handle.cancel().catch(() => undefined);
      return;
    case 'kill':
      await world.stopWorker();
      await world.startWorker();
      return;
    default:
      await sleep(pick);
  }
}

describe('an entity, whatever comes in and whoever dies', () => {
  it('answers every update, takes each message once, takes nothing after its end, and replays', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (story) => {
        const world = new JarWorld(temporal);
        await world.startWorker();
        try {
          const handle = await world.start();
          const asked: Promise<Answer>[] = [];
          for (const [index, one] of story.entries()) {
            const answer = question(handle, one, index);
            if (answer === undefined) await event(world, handle, one, index);
            else asked.push(answer);
          }
          asked.push(ask(handle, 'close', 'close', {}));
          const answers = await Promise.all(asked);
          const end = await world.finished(handle);
          check(answers, end);
          // Not accepted because more had come in, and for no other reason: a bad command would be another cause.
          for (const cause of world.failedTasks) expect(cause).toBe(String(UNHANDLED_COMMAND));
          expect(world.sealed).toHaveLength(1);
        } finally {
          await world.stopWorker();
        }
      }),
      { numRuns: 12, seed: 20261128, endOnFailure: true },
    );
  }, 300_000);
});

function check(answers: readonly Answer[], end: Jar): void {
  expect(new Set(end.coins).size).toBe(end.coins.length);
  for (const { id, result, view } of answers) {
    if (id === 'close') continue;
    if (id === 'malformed') expect(result).not.toBe('taken');
    else if (result === 'taken') {
      expect(end.coins).toContain(id);
      expect(view?.coins).toContain(id);
    } else if (id !== 'same') expect(end.coins).not.toContain(id);
  }
  for (const id of end.counted) {
    expect(end.coins).toContain(id);
    expect(id).not.toMatch(/^bad/);
  }
}
