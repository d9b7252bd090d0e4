import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** Scripts of package.json that check this repository, or run what has a command line of its own. */
const ofTheRepository = ['check', 'test', 'test:unit', 'test:int', 'test:flow', 'matrix'];

const packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Every other one, with its file: a command that is added is asked as well. */
const commands = Object.entries(packageJson.scripts)
  .filter(([name]) => !ofTheRepository.includes(name) && !name.startsWith('pre'))
  .map(([name, line]) => ({ name, file: line.split(' ').at(-1) ?? '' }));

/** Commands that take a file of people or rows. */
const takeFiles = ['upload', 'payments', 'removals', 'rehearse'];

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tandas-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** With neither a database nor an API: whatever comes of a mistake must come before they are looked for. */
async function ended(file: string, ...args: readonly string[]): Promise<Ended> {
  const env = {
    ...process.env,
    DATABASE_URL: '',
    API_KEY: '',
    API_URL: '',
    TANDAS_STATE_DIR: join(dir, 'no-such'),
  };
  return run(process.execPath, [join(root, file), ...args], { cwd: dir, env }).then(
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

function inWords({ code, stdout, stderr }: Ended, expected: RegExp): void {
  const said = `${stdout}${stderr}`;
  expect(code, said).toBe(2);
  expect(said).toMatch(expected);
  expect(said).not.toMatch(/^\s+at /m);
  expect(said).not.toMatch(/\bNode\.js v\d|ERR_|ENOENT|EISDIR/);
}

describe('a command', () => {
  it('is there for every entry of scripts/', async () => {
    const entries = (await readdir(join(root, 'scripts'))).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('check'),
    );
    const files = commands.map(({ file }) => file);
    for (const entry of entries) expect(files).toContain(`scripts/${entry}`);
  });

  it('ends as the system’s own do when its reader goes: by SIGPIPE, without a word', async () => {
    expect(await withoutReader('scripts/upload.ts')).toEqual({ code: 141, stderr: '' });
  });

  for (const { name, file } of commands) {
    it(`npm run ${name} says how it is used, and ends a mistyped option in words with code 2`, async () => {
      const help = await ended(file, '--help');
      expect(help.code, help.stderr).toBe(0);
      const how = name === 'start' ? 'npm start' : name === 'tandas' ? 'tandas' : `npm run ${name}`;
      expect(help.stdout).toMatch(new RegExp(`^(Uso|Usage): ${how}\\b`));
      expect(help.stderr).toBe('');
      inWords(await ended(file, '--no-such-option'), /--no-such-option/);
    });
  }

  for (const { name, file } of commands.filter((command) => takeFiles.includes(command.name))) {
    it(`npm run ${name} says what is wrong with a file before it looks for an API`, async () => {
      await writeFile(join(dir, 'vacio.xlsx'), '');
      await writeFile(join(dir, 'otro.xlsx'), 'x');
      inWords(await ended(file), /^Uso: /);
      inWords(await ended(file, 'falta.xlsx'), /No existe el archivo «falta\.xlsx»/);
      inWords(await ended(file, '.'), /«\.» es una carpeta/);
      inWords(await ended(file, 'vacio.xlsx'), /El archivo «vacio\.xlsx» está vacío/);
      inWords(await ended(file, 'otro.xlsx', 'vacio.xlsx'), /Sobra: vacio\.xlsx/);
      // An empty file in the place of an option's value is none of its values.
      inWords(await ended(file, 'otro.xlsx', '--creditor'), /--creditor/);
    });
  }

  it('that needs more than it was given says so', async () => {
    for (const [name, ...args] of [
      ['results'],
      ['register'],
      ['explain'],
      ['backup'],
      ['restore'],
      ['keys', 'list'],
      ['account', 'nothing'],
      ['forecast', '--contacts', 'muchos'],
      ['forecast', '--start', 'ayer'],
      ['demo-file', '--rows', 'cien'],
      ['results', 'lote', 'otro'],
      ['status', 'lote', 'otro'],
    ] as const) {
      const file = commands.find((command) => command.name === name)?.file ?? '';
      inWords(await ended(file, ...args), /Uso|Usage|Sobra|should be/);
    }
  });
});
