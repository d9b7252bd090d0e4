/**
 * Two tests of one name: the second hides behind the first in every report, and one of them is usually a copy that
 * somebody forgot to change. Names are compared with their groups, over all files of a kind (unit, int, flow).
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const listSchema = z.array(
  z.object({ name: z.string(), file: z.string(), projectName: z.string().default('') }),
);

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'list', '--json'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  maxBuffer: 64 * 1024 * 1024,
});
const tests = listSchema.parse(JSON.parse(stdout.slice(stdout.indexOf('['))));

const files = new Map<string, string[]>();
for (const { projectName, name, file } of tests) {
  const key = `${projectName}: ${name}`;
  files.set(key, [...(files.get(key) ?? []), file]);
}
const twice = [...files].filter(([, places]) => places.length > 1);
for (const [name, places] of twice) console.error(`${name}\n  ${places.join('\n  ')}`);
if (twice.length > 0) {
  console.error(`${twice.length} test names are used twice.`);
  process.exitCode = 1;
} else {
  console.log(`${tests.length} tests, each with a name of its own.`);
}
