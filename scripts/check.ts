/** `npm run check`: every static check, all of them also when one fails, and one line for each at the end. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const BOUNDARIES = 'test/unit/boundaries.test.ts';

const checks: readonly { readonly name: string; readonly file: string; readonly args: readonly string[] }[] =
  [
    { name: 'types', file: bin('tsc'), args: ['-p', '.'] },
    { name: 'lint', file: bin('oxlint'), args: ['--type-aware'] },
    { name: 'format', file: bin('prettier'), args: ['--check', '--log-level', 'warn', '.'] },
    { name: 'lockfile', file: process.execPath, args: [join(root, 'scripts', 'check-lockfile.ts')] },
    { name: 'test names', file: process.execPath, args: [join(root, 'scripts', 'check-test-names.ts')] },
    { name: 'boundaries and bundle', file: bin('vitest'), args: ['run', BOUNDARIES] },
  ];

const results = checks.map(({ name, file, args }) => {
  console.log(`\n── ${name}`);
  if (args.includes(BOUNDARIES) && !existsSync(join(root, BOUNDARIES))) {
    console.error(`${BOUNDARIES} is missing.`);
    return { name, ok: false, seconds: 0 };
  }
  const startedAtMs = Date.now();
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) console.error(error.message);
  return { name, ok: status === 0, seconds: (Date.now() - startedAtMs) / 1000 };
});

console.log('');
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
}
if (results.some(({ ok }) => !ok)) process.exitCode = 1;
