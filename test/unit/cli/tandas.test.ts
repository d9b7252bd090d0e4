import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { completionFor, optionsIn, shells } from '../../../cli/completion.ts';
import { tandasCommands } from '../../../cli/tandas-commands.ts';
import { asTandas, nearestOf, ownWords, routeOf } from '../../../cli/tandas-route.ts';

const run = promisify(execFile);
const names = tandasCommands.map(({ name }) => name);

describe('what is typed behind tandas', () => {
  it('is a command with all that stands behind it, in its order', () => {
    expect(routeOf(['contacts', 'Noviembre', '--limit', '3'], names)).toEqual({
      kind: 'run',
      name: 'contacts',
      args: ['Noviembre', '--limit', '3'],
    });
    // Words of the router belong to a command when they stand behind it.
    expect(routeOf(['contacts', 'completion'], names)).toMatchObject({ kind: 'run', args: ['completion'] });
  });

  it('asks for help before or behind a command, and then nothing is run', () => {
    for (const argv of [
      ['help', 'retry'],
      ['--help', 'retry'],
      ['retry', 'x', '--help'],
      ['retry', '-h'],
    ])
      expect(routeOf(argv, names), argv.join(' ')).toEqual({ kind: 'help', name: 'retry' });
    for (const argv of [['help'], ['-h']])
      expect(routeOf(argv, names)).toEqual({ kind: 'help', name: undefined });
    expect(routeOf([], names)).toEqual({ kind: 'nothing' });
  });

  it('is answered with the names that were probably meant, and nothing is guessed and run', () => {
    const meant: readonly (readonly [string, readonly string[]])[] = [
      ['stauts', ['status']],
      ['STATUS', ['status']],
      ['batchs', ['batches']],
      ['batch', ['batches']],
      ['re', ['register', 'rehearse', 'removals']],
      ['topup', ['top-up']],
      ['hepl', ['help']],
      ['upload', ['import']],
      ['xyz', []],
      ['', []],
      ['toString', []],
      ['s'.repeat(100_000), []],
    ];
    for (const [typed, nearest] of meant)
      expect(routeOf([typed], names), typed.slice(0, 20)).toEqual({ kind: 'unknown', typed, nearest });
    expect(routeOf(['help', 'retyr'], names)).toMatchObject({ kind: 'unknown', nearest: ['retry'] });
  });

  it('is nearer by a swap than by two changes', () => {
    expect(nearestOf('ab', ['ba', 'cd'])).toEqual(['ba']);
    expect(nearestOf('abc', ['acb', 'xyc'])).toEqual(['acb']);
  });
});

describe('the words of a command', () => {
  it('say what is typed behind tandas, with an npm script of the same module or without', async () => {
    for (const { name, load } of tandasCommands) {
      const usage = asTandas((await load()).usage, names);
      expect(usage, name).toMatch(new RegExp(`^(Uso|Usage): tandas ${name}\\b`));
      expect(usage, name).not.toMatch(/\[?-- /);
      for (const [, script = ''] of usage.matchAll(/npm run ([\w-]+)/g)) expect(names).not.toContain(script);
    }
  });

  it('keep what is no command of tandas', () => {
    expect(asTandas('npm run upload -- A; npm run migrate -- B; npm start', names)).toBe(
      'tandas import A; npm run migrate -- B; npm start',
    );
    expect(asTandas('npm run status', names)).toBe('tandas status');
    expect(asTandas('npm run status muestra', names)).toBe('tandas status muestra');
  });

  it('are of nobody else: no command has a name of the router, nor another’s', () => {
    expect(new Set([...names, ...ownWords]).size).toBe(names.length + ownWords.length);
  });
});

describe('completion', () => {
  const completed = tandasCommands.map(({ name, does, actions }) => ({
    name,
    does: does.es,
    actions,
    options: ['--json', '--help'],
  }));

  it('of bash is what bash itself completes', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'tandas-completion-'));
    try {
      const file = join(dir, 'tandas.bash');
      await writeFile(file, completionFor('bash', completed));
      const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
        const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _tandas; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout } = await run('bash', ['-c', script, 'bash', file, 'tandas', ...words]);
        return stdout.split('\n').filter((line) => line !== '');
      };
      expect(await complete('re')).toEqual(names.filter((name) => name.startsWith('re')));
      expect(await complete('')).toEqual([...names, 'help', 'completion']);
      expect(await complete('tasks', 're')).toEqual(['resolve']);
      expect(await complete('tasks', 'resolve', '--j')).toEqual(['--json']);
      // An action stands first, or nowhere.
      expect(await complete('tasks', 'x', 'res')).toEqual([]);
      expect(await complete('help', 'ret')).toEqual(['retry']);
      expect(await complete('completion', 'f')).toEqual(['fish']);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('of each shell names every command, its actions and its options', () => {
    for (const shell of shells) {
      const script = completionFor(shell, completed);
      for (const { name, actions } of tandasCommands)
        for (const word of [name, ...actions, 'json']) expect(script, `${shell} ${name}`).toContain(word);
    }
    expect(() => completionFor('tcsh', completed)).toThrow(/bash\|zsh\|fish/);
  });

  it('takes options from the words of a command, each once, and none that only stands inside of another word', () => {
    expect(optionsIn('x [--json | --md F] --json --dry-run a--b --a1 ---c')).toEqual([
      '--json',
      '--md',
      '--dry-run',
      '--a',
      '--help',
    ]);
  });
});
