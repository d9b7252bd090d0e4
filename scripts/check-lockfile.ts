/** The lockfiles name no registry: an address in one would bind every installation to one machine's mirror. */
import { readFile } from 'node:fs/promises';

for (const file of ['package-lock.json', 'dev/openapi/package-lock.json']) {
  const text = await readFile(new URL(`../${file}`, import.meta.url), 'utf8');
  const found = [...text.matchAll(/"resolved":\s*"(?:https?|git\+|git:)[^"]*"/g)].map(([line]) => line);
  if (found.length > 0) {
    console.error(`${file} names ${found.length} registry addresses, for example ${found[0]}.`);
    console.error('Repeat npm install with omit-lockfile-registry-resolved=true (.npmrc).');
    process.exitCode = 1;
  } else {
    console.log(`${file} names no registry.`);
  }
}
