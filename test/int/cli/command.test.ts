import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** Every entry but those that check this repository. */
const entries = readdirSync(join(root, 'scripts')).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('check'),
);
const commands = [
  ...entries.map((file) => `scripts/${file}`),
  'dev/rehearse/main.ts',
  'dev/demo-data/generate.ts',
];

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(file: string, ...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: '', TANDAS_STATE_DIR: join(root, 'no-such-folder') };
  const options = { cwd: root, env };
  return run(process.execPath, [file, ...args], options).then(
    (out) => ({ ...out, code: 0 }),
    (error: Ended) => error,
  );
}

/** A command that prints to nobody, as behind `| head` that has had enough. */
function withoutReader(file: string): Promise<{ readonly code: number | null; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, '--help'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const said: Buffer[] = [];
    child.stderr.on('data', (bytes: Buffer) => said.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr: Buffer.concat(said).toString() }));
  });
}

describe('a command', () => {
  it('is there for every script of package.json, and every entry is one', () => {
    const scripts = readFileSync(join(root, 'package.json'), 'utf8');
    const named = [...scripts.matchAll(/"node [^"]*?scripts\/([^" ]+)/g)].map(([, file]) => file);
    expect(new Set(entries)).toEqual(new Set(named.filter((file) => file !== 'check.ts')));
  });

  for (const file of commands) {
    it(`${file} says how it is used, and ends a mistake in words with code 2`, async () => {
      const help = await ended(file, '--help');
      expect(help.code, help.stderr).toBe(0);
      expect(help.stdout).toMatch(/^(Uso|Usage): npm run /);
      expect(help.stderr).toBe('');
      // As the system's own commands end: by SIGPIPE, without a word.
      expect(await withoutReader(file)).toEqual({ code: 141, stderr: '' });
      const mistake = await ended(file, '--no-such-option');
      expect(mistake.code).toBe(2);
      expect(mistake.stderr).toMatch(/no-such-option|DATABASE_URL is not set/);
      expect(mistake.stderr).not.toMatch(/^\s+at /m);
    });
  }
});
