/** The lockfile names no registry: an address in it would bind every installation to one machine's mirror. */
import { readFile } from 'node:fs/promises';

const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');
const found = [...text.matchAll(/"resolved":\s*"(?:https?|git\+|git:)[^"]*"/g)].map(([line]) => line);
if (found.length > 0) {
  console.error(`package-lock.json names ${found.length} registry addresses, for example ${found[0]}.`);
  console.error('Repeat npm install with omit-lockfile-registry-resolved=true (.npmrc).');
  process.exitCode = 1;
} else {
  console.log('package-lock.json names no registry.');
}
