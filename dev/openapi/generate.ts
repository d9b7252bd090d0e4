import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectDir } from '../../client/local.ts';
import { run } from '../stack/run.ts';
import { servedDocument } from './document.ts';

/** The generator does not run with TypeScript 7: it has its own, in this folder. */
const folder = fileURLToPath(new URL('.', import.meta.url));
const generator = join(folder, 'node_modules', 'openapi-typescript', 'bin', 'cli.js');
export const schemaFile = join(projectDir, 'client', 'schema.d.ts');

/** The types of a document, with its digest in front. The same document gives the same bytes on every machine. */
export async function schemaOf(document: string): Promise<string> {
  await installGenerator();
  const work = await mkdtemp(join(tmpdir(), 'tandas-openapi-'));
  try {
    const [input, output] = [join(work, 'openapi.json'), join(work, 'schema.d.ts')];
    await writeFile(input, document);
    // Not `--immutable`: openapi-fetch takes a readonly list for an object, and makes nonsense of it.
    // A field with a default may be left out of a request.
    const options = ['--output', output, '--default-non-nullable', 'false'];
    await run(process.execPath, [generator, input, ...options], { cwd: folder });
    const types = await readFile(output, 'utf8');
    return `${headerOf(document, types)}${types}`;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A line that tells a document that has changed since, and types that a hand or a merge has. */
export function headerOf(document: string, types: string): string {
  return `// Of /openapi.json, SHA-256 ${digest(document)}; below, SHA-256 ${digest(types)}. Made by \`npm run client\`.\n`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Writes `client/schema.d.ts` anew from the routes of this tree. */
export async function generateClient(): Promise<void> {
  const text = await schemaOf(await servedDocument());
  const partial = `${schemaFile}.${process.pid}`;
  try {
    await writeFile(partial, text);
    await rename(partial, schemaFile);
  } finally {
    await rm(partial, { force: true });
  }
  console.log(`client/schema.d.ts: ${text.split('\n', 1)[0] ?? ''}`);
}

/** Once, and again when another version is named. Not `npm ci`: it refuses a lockfile without entries of other platforms. */
async function installGenerator(): Promise<void> {
  const wanted = await versions(join(folder, 'package-lock.json'), 'node_modules/');
  const there = await versions(join(folder, 'node_modules', '.package-lock.json'), 'node_modules/');
  if (wanted !== '' && wanted === there) return;
  console.log('dev/openapi: npm install …');
  await run('npm', ['install', '--ignore-scripts', '--no-progress'], { cwd: folder });
}

/** Each package with its version, as a lockfile names them; '' where there is none. */
async function versions(lockfile: string, below: string): Promise<string> {
  const text = await readFile(lockfile, 'utf8').catch(() => '{}');
  const packages: unknown = Reflect.get(Object(JSON.parse(text)), 'packages');
  return Object.entries(Object(packages))
    .filter(([name]) => name.startsWith(below))
    .map(([name, entry]) => `${name} ${String(Reflect.get(Object(entry), 'version'))}`)
    .toSorted()
    .join('\n');
}
