import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { answered, scriptedVoice } from '../support/scripted-voice.ts';
import {
  createBatch,
  createWorld,
  finished,
  contactIdOf,
  startContact,
  withWorker,
  type World,
} from '../support/world.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/replay.ts', import.meta.url));
const histories = fileURLToPath(new URL('./histories', import.meta.url));
const mutant = fileURLToPath(new URL('./mutant/index.ts', import.meta.url));

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** `npm run replay -- …`, as a process of its own. */
async function replay(...args: readonly string[]): Promise<Ended> {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: inject('temporalNamespace'),
  };
  try {
    const { stdout } = await run(process.execPath, [script, ...args], { env });
    return { code: 0, out: stdout };
  } catch (error) {
    if (typeof error !== 'object' || error === null || !('code' in error) || !('stdout' in error))
      throw error;
    return { code: Number(error.code), out: String(error.stdout) };
  }
}

describe('npm run replay', () => {
  it('replays a folder of histories and says how many are the same', async () => {
    const { code, out } = await replay('--folder', histories, '--json');
    const told: unknown = JSON.parse(out);
    expect(told).toMatchObject({ differs: [] });
    expect(code).toBe(0);
  });

  it('names workflow, event and command of each that differs, and fails', async () => {
    const { code, out } = await replay('--folder', `${histories}/contact`, '--workflows', mutant);
    expect(code).toBe(1);
    expect(out).toMatch(/differs {2}v\d+\/contact-\d\d\.json\.gz \(run [0-9a-f-]{36}\)/);
    expect(out).toMatch(/event 5 MARKER_RECORDED: .*Missing associated machine for LocalActivity\(1\)/);
    expect(out).toMatch(/(\d+) replayed, \1 differ/);
  });

  it('fetches what a query finds on a live server', async () => {
    const batch = await createBatch(world, { accountId: world.accountId, people: [{}, {}] });
    await withWorker(world, { simulatedVoice: scriptedVoice(() => answered) }, () =>
      Promise.all(
        [0, 1].map(async (index) =>
          finished(await startContact(world, world.skipping, batch, world.accountId, index)),
        ),
      ),
    );
    const id = await contactIdOf(world, batch.contacts[0]?.contactId ?? '');
    const query = `WorkflowId STARTS_WITH "${id.slice(0, id.lastIndexOf('/') + 1)}"`;
    await expect
      .poll(async () => (await world.temporal.client.workflow.count(query)).count, { timeout: 20_000 })
      .toBe(2);
    expect(await replay('--query', query)).toMatchObject({
      code: 0,
      out: expect.stringContaining('2 replayed, 0'),
    });
  });

  it('proves nothing, and says so, when no history is found', async () => {
    const { code, out } = await replay('--query', 'WorkflowId = "nobody"');
    expect(code).toBe(1);
    expect(out).toContain('No history was found');
  });
});
