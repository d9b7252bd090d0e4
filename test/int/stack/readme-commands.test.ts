import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/live-world.ts';
import { count, rows } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
/** A whole stack on a busy machine: only a bound. */
const boundMs = 300_000;

/** The README's commands under a heading, each as its words. */
async function commandsUnder(heading: string): Promise<readonly (readonly string[])[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const section = readme.split('\n## ').find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('npm run '))
    .map((line) => line.replace(/\s#.*$/, '').trim())
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''));
}

describe('the commands of the README, one after the other', () => {
  let dir: string;
  let stack: OwnProcesses;
  let watching: ChildProcess | undefined;
  let paysRut = '';
  let goesRut = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tandas-readme-'));
    stack = await startOwnProcesses();
    await run(process.execPath, ['dev/demo-data/generate.ts', join(dir, 'my-file.xlsx'), '--rows', '12'], {
      cwd: root,
    });
  }, boundMs);
  afterAll(async () => {
    if (watching?.exitCode === null) {
      watching.kill('SIGINT');
      await once(watching, 'exit');
    }
    await stack.close();
    await rm(dir, { recursive: true, force: true });
  });

  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ...stack.env,
    API_URL: stack.apiUrl,
    API_KEY: stack.apiKey,
  });
  /** As it stands in the README, in a folder that has the files that it names. */
  const command = async ([, , script = '', , ...args]: readonly string[]): Promise<string> => {
    const entry = script === 'rehearse' ? 'dev/rehearse/main.ts' : `scripts/${script}.ts`;
    const [batch] = await rows<{ readonly id: string }>(stack.databaseUrl, 'select id from core.batch');
    const stands = new Map([
      ['12345678-5', paysRut],
      ['LOTE', batch?.id ?? ''],
    ]);
    const words = args.map((word) => stands.get(word) ?? word);
    return run(process.execPath, [join(root, entry), ...words], { cwd: dir, env: env() }).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        const said =
          typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
        throw new Error(`${script} ${words.join(' ')} ended with an error: ${said}`, { cause: error });
      },
    );
  };
  /** Ends with an error when anything is not as it must be. */
  const audit = (): Promise<string> => command(['npm', 'run', 'audit', '--']);

  it(
    'each does what it says, and leaves a clean audit',
    async () => {
      const all = await commandsUnder('Your own file');
      expect(all.map(([, , script]) => script)).toEqual(
        'upload upload status results payments removals register audit rehearse forecast explain'.split(' '),
      );
      // One that only counts, with invented people: it has tests of its own, and reads no database.
      for (const words of all.filter(([, , script]) => script !== 'forecast')) {
        const [, , script = ''] = words;
        if (script === 'upload' && words.includes('--start')) {
          // It watches its batch to the end; the batch goes on without it.
          const [, , , , ...args] = words;
          watching = spawn(process.execPath, [join(root, 'scripts/upload.ts'), ...args], {
            cwd: dir,
            env: env(),
            stdio: 'ignore',
          });
          await openContacts();
        } else {
          expect(await command(words), words.join(' ')).not.toBe('');
        }
        // Before the first call there is nothing to audit, and it says so.
        if (watching !== undefined) await audit();
      }
      expect(await count(stack.databaseUrl, `core.payment where external_id like '%p-1'`)).toBe(1);
      const removed = await rows<{ readonly outcome: string | null }>(
        stack.databaseUrl,
        `select k.outcome from core.contact k join core.person p on p.id = k.person_id
          where replace(p.national_id, '-', '') = replace('${goesRut}', '-', '')`,
      );
      expect(removed.length).toBeGreaterThan(0);
      await until('whoever wants no calls is out', async () => {
        const open = `core.contact k join core.person p on p.id = k.person_id
                      where p.national_id = '${goesRut}' and k.state <> 'closed'`;
        return (await count(stack.databaseUrl, open)) === 0;
      });
      await audit();
    },
    boundMs,
  );

  /** Two people of the batch, in the files that the next commands name. */
  async function openContacts(): Promise<void> {
    await until(
      'the first call',
      async () => (await count(stack.databaseUrl, 'operation.attempt')) > 0,
      boundMs,
    );
    const people = await until(
      'people who wait',
      async () => {
        const found = await rows<{ readonly national_id: string }>(
          stack.databaseUrl,
          `select p.national_id from core.contact k join core.person p on p.id = k.person_id
          where k.state = 'waiting' and p.national_id is not null order by k.ordinal desc limit 2`,
        );
        return found.length === 2 ? found : undefined;
      },
      boundMs,
    );
    paysRut = people[0]?.national_id ?? '';
    goesRut = people[1]?.national_id ?? '';
    await writeFile(join(dir, 'payments.xlsx'), `RUT;MONTO;ID_PAGO\n${paysRut};1000;p-1\n`);
    await writeFile(join(dir, 'removals.xlsx'), `RUT\n${goesRut}\n`);
  }
});
