import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import {
  CIRCLE,
  CLOCK,
  DEVELOPMENT,
  ENTRY,
  LENGTH,
  ORDER,
  readTree,
  rooms,
  SQL,
  type Tree,
  violations,
  ZOD,
} from '../support/boundaries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tree = readTree(root);
const found = violations(tree);

/** What would be found if one file had one more line. */
function planted(file: string, line: string): readonly string[] {
  const text = tree.get(file);
  if (text === undefined) throw new Error(`${file} is not there`);
  const changed: Tree = new Map([...tree, [file, `${line}\n${text}`]]);
  const known = new Set(found.map((one) => JSON.stringify(one)));
  return violations(changed)
    .filter((one) => !known.has(JSON.stringify(one)) && one.check !== LENGTH)
    .map(({ check }) => check);
}

describe('the house', () => {
  it('has every file in its room: no import against the order, no circle, no SQL elsewhere', () => {
    const said = found.map(({ check, file, detail }) => `${file} ${detail} (${check})`);
    expect(said).toEqual([]);
  });

  it('has files in every room', () => {
    for (const { name, files } of rooms)
      expect(
        [...tree.keys()].some((file) => files.test(file)),
        name,
      ).toBe(true);
  });
});

describe('a planted line is found', () => {
  for (const { name, files } of rooms) {
    it(name, () => {
      const file = [...tree.keys()].find(
        (one) => files.test(one) && rooms.find((room) => room.files.test(one))?.name === name,
      );
      if (file === undefined) throw new Error(`no file in the room: ${name}`);
      expect(planted(file, "import 'a-package-of-no-room';")).toEqual([name]);
    });
  }

  it(ORDER, () => {
    const line = "import type { Messages } from '../messages/queries.ts';";
    expect(planted('domain/people/queries-register.ts', line)).toContain(ORDER);
    expect(planted('domain/integrations/inbound.ts', line)).not.toContain(ORDER);
    const rule = "import type { Status } from '../messages/rules/status.ts';";
    expect(planted('domain/people/queries-register.ts', rule)).toEqual([]);
  });

  it(DEVELOPMENT, () => {
    expect(planted('config.ts', "import './dev/listen.ts';")).toEqual([DEVELOPMENT]);
    expect(planted('cli/upload.ts', "import '../test/support/said.ts';")).toEqual([DEVELOPMENT]);
  });

  it(ZOD, () => {
    expect(planted('worker.ts', "import { z } from 'zod';")).toEqual([ZOD]);
  });

  it(CIRCLE, () => {
    expect(planted('db/client.ts', "import type { Outbox } from './migrate.ts';")).toEqual([CIRCLE]);
  });

  it(SQL, () => {
    expect(planted('worker.ts', "db.selectFrom('core.person')")).toEqual([SQL]);
    expect(planted('worker.ts', 'await sql<{ n: number }>`select 1`.execute(db)')).toEqual([SQL]);
    expect(planted('db/client.ts', 'await sql`select 1`.execute(db)')).toEqual([]);
    expect(planted('domain/people/queries-register.ts', 'await sql`select 1`.execute(db)')).toEqual([]);
  });

  it(CLOCK, () => {
    expect(planted('workflows/contact/decide.ts', 'const now = Date.now();')).toEqual([CLOCK]);
    expect(planted('workflows/contact/workflow.ts', 'new Date().getHours();')).toEqual([CLOCK]);
    expect(planted('workflows/contact/workflow.ts', 'const now = Date.now();')).toEqual([]);
  });

  it(ENTRY, () => {
    const text = tree.get('scripts/metrics.ts') ?? '';
    const long = new Map([...tree, ['scripts/metrics.ts', text + '\n'.repeat(40)]]);
    expect(violations(long).map(({ check, file }) => [check, file])).toEqual([[ENTRY, 'scripts/metrics.ts']]);
  });

  it(LENGTH, () => {
    const text = tree.get('config.ts') ?? '';
    const long = new Map([...tree, ['config.ts', text + '\n'.repeat(400)]]);
    expect(
      violations(long).filter(({ check, file }) => check === LENGTH && file === 'config.ts'),
    ).toHaveLength(1);
  });
});

describe('the workflow bundle', () => {
  it('is below two megabytes, without zod or exceljs, and registers exactly four workflows', async () => {
    const workflowsPath = join(root, 'workflows', 'index.ts');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
    // Without its source map, which the worker keeps apart.
    const bare = code.replace(/\/\/# sourceMappingURL=.*$/s, '');
    expect(Buffer.byteLength(bare)).toBeLessThan(2_000_000);
    for (const banned of ['zod', 'exceljs', 'luxon', 'kysely'])
      expect(bare).not.toContain(`node_modules/${banned}/`);
    const names = [...readFileSync(workflowsPath, 'utf8').matchAll(/export \{ (?:\w+ as )?(\w+) \}/g)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(['batch', 'contact', 'import', 'rehearsal']);
  });
});
