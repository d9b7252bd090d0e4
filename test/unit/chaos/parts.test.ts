import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { keptSeeds } from '../../../dev/chaos/kept.ts';
import { readOptions, UsageError } from '../../../dev/chaos/options.ts';
import { planted, PLANTS } from '../../../dev/chaos/plants.ts';
import { schedule } from '../../../dev/chaos/schedule.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('planted bugs', () => {
  it.each(Object.entries(PLANTS))('%s can be planted in the sources as they are', async (_, plant) => {
    for (const replacement of plant.replacements) {
      const text = await readFile(join(root, replacement.file), 'utf8');
      expect(planted(text, replacement)).not.toBe(text);
    }
  });

  it('a text that is not there, or there twice, is an error and no harmless copy', () => {
    const replacement = { file: 'x.ts', from: 'a', to: 'b' };
    expect(() => planted('nothing', { ...replacement, from: 'z' })).toThrow(/x\.ts.* 0 times/);
    expect(() => planted('a a', replacement)).toThrow(/2 times/);
    expect(planted('one a', { ...replacement, to: '$&' })).toBe('one $&');
  });

  it.each(Object.entries(PLANTS))(
    '%s can show itself in three of the first forty seeds',
    (_, { shows, profile }) => {
      const seeds = Array.from({ length: 40 }, (_seed, index) => schedule(index + 1, profile));
      expect(seeds.filter((plan) => shows(plan)).length).toBeGreaterThanOrEqual(3);
    },
  );
});

describe('the command line of chaos', () => {
  it('runs the first seeds, or one of them', () => {
    expect(readOptions(['--seeds', '3']).seeds).toEqual([1, 2, 3]);
    expect(readOptions(['--seed', '17'])).toMatchObject({ seeds: [17], record: true, json: false });
    expect(readOptions(['--seed', '17', '--small']).record).toBe(false);
  });

  it.each([['--seeds', '0'], ['--seed', 'x'], ['--plant', 'nothing'], ['--fast']])(
    'refuses %s %s',
    (...args) => {
      expect(() => readOptions(args.filter((one) => one !== undefined))).toThrow(UsageError);
    },
  );

  it('keeps the seeds that failed in a file that can be read', async () => {
    expect(Array.isArray(await keptSeeds())).toBe(true);
  });
});

describe('a clock that is moved', () => {
  it('moves Date and leaves timers and the monotonic clock alone', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tandas-clock-'));
    try {
      const file = join(dir, 'clock');
      await writeFile(file, '-600000');
      const script = `
        const { timeOrigin } = performance;
        const real = timeOrigin + performance.now();
        const parsed = new Date('2026-11-21T00:00:00Z').getTime();
        console.log(JSON.stringify([Date.now() - real, new Date().getTime() - real, parsed, new Date() instanceof Date]));`;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', join(root, 'dev', 'chaos', 'moved-clock.ts'), '--input-type=module', '-e', script],
        { env: { ...process.env, CHAOS_CLOCK_FILE: file } },
      );
      const told: unknown = JSON.parse(stdout);
      const [now, constructed, parsed, isDate] = Array.isArray(told) ? told : [];
      expect(now).toBeLessThan(-590_000);
      expect(constructed).toBeLessThan(-590_000);
      expect(parsed).toBe(Date.parse('2026-11-21T00:00:00Z'));
      expect(isDate).toBe(true);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
