import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ContactAddress, contactWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { createFakeCharging, type FakeCharging } from '../../../dev/fakes/charging.ts';
import { chargingKeys } from '../../support/charging.ts';
import { until } from '../../support/live-world.ts';
import { count, rows } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
/** A whole stack on a busy machine: only a bound. */
const boundMs = 300_000;

interface Contact extends ContactAddress {
  readonly id: string;
  readonly batchId: string;
  readonly run: number;
}

async function temporalOf(env: Readonly<Record<string, string | undefined>>) {
  const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  return {
    connection,
    client: new Client({ connection, namespace: env['TEMPORAL_NAMESPACE'] ?? 'default' }),
  };
}

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

/** What a person does on the page of the simulated provider: reads it, and presses its button. */
async function payOn(url: string): Promise<void> {
  const page = await (await fetch(url)).text();
  const paid = await fetch(new URL(/action="([^"]+)"/.exec(page)?.[1] ?? '', url), { method: 'POST' });
  expect(paid.status).toBe(200);
  await paid.text();
}

describe('the commands of the README, one after the other', () => {
  let dir: string;
  let stack: OwnProcesses;
  let charging: FakeCharging;
  let watching: ChildProcess | undefined;
  let paysRut = '';
  let goesRut = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tandas-readme-'));
    charging = createFakeCharging(chargingKeys);
    const url = await charging.start();
    stack = await startOwnProcesses({
      env: {
        CHARGING_MERCADOPAGO_TOKEN: chargingKeys.mercadoPagoToken,
        CHARGING_MERCADOPAGO_SECRET: chargingKeys.mercadoPagoSecret,
        CHARGING_MERCADOPAGO_URL: url,
      },
    });
    charging.mercadoPago.setWebhookUrl(`${stack.apiUrl}/api/v1/webhooks/orders/mercadopago`);
    await rows(
      stack.databaseUrl,
      "insert into catalogue.exchange_rate (currency, per_usd_micros, source, set_by) values ('CLP', 950000000, 'x', 'x')",
    );
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
    await charging.stop();
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
        'upload upload status tandas results payments removals register explain tandas tandas audit rehearse forecast explain'.split(
          ' ',
        ),
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
          const said = await command(words);
          expect(said, words.join(' ')).not.toBe('');
          if (words.includes('top-up')) await payOn(/http:\S+/.exec(said)?.[0] ?? '');
        }
        // Before the first call there is nothing to audit, and it says so.
        if (watching !== undefined) await audit();
      }
      expect(await count(stack.databaseUrl, `core.payment where external_id like '%p-1'`)).toBe(1);
      await until('the top-up is in the balance', async () => {
        const booked = `core.ledger_transaction where kind = 'top_up' and reference like 'order:%'`;
        return (await count(stack.databaseUrl, booked)) === 1;
      });
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

  it(
    'and so does what the other documents tell an operator to do: by the API, in the Temporal UI, by a command for production',
    async () => {
      const send = async (method: string, path: string, json?: unknown): Promise<number> => {
        const response = await fetch(`${stack.apiUrl}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        });
        return response.status;
      };
      const reason = { reason: 'prueba' };
      const { client, connection } = await temporalOf(stack.env);
      try {
        const one = async (state: string, besides: readonly string[] = []): Promise<Contact> => {
          const found = await until(
            `a contact that is ${state}`,
            async () =>
              (
                await rows<Contact>(
                  stack.databaseUrl,
                  `select k.id, k.batch_id as "batchId", k.run, a.slug as "accountSlug", b.slug as "batchSlug", k.ordinal as number
                     from core.contact k join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id
                    where k.state = '${state}' and a.kind <> 'rehearsal' and k.id::text <> all('{${besides.join()}}'::text[])
                    order by k.ordinal limit 1`,
                )
              )[0],
            boundMs,
          );
          return found;
        };
        const isRunAgain = (id: string, run: number) =>
          until(
            'it begins anew',
            async () =>
              (await count(stack.databaseUrl, `core.contact where id = '${id}' and run > ${run}`)) === 1,
            boundMs,
          );
        // Some have ended with the batch of before: these wait.
        await run(
          process.execPath,
          [join(root, 'dev/demo-data/generate.ts'), join(dir, 'other.xlsx'), '--rows', '30', '--seed', '7'],
          { cwd: root },
        );
        const other = spawn(process.execPath, [join(root, 'scripts/upload.ts'), 'other.xlsx', '--start'], {
          cwd: dir,
          env: env(),
          stdio: 'ignore',
        });
        const waits = await one('waiting');
        other.kill('SIGINT');
        await once(other, 'exit');

        expect(await send('POST', `/contacts/${waits.id}/pause`, reason)).toBe(200);
        await audit();
        expect(await send('POST', `/contacts/${waits.id}/resume`, reason)).toBe(200);
        await send('POST', `/contacts/${waits.id}/reschedule`, {
          text: 'en dos horas',
          ...reason,
          requested_by: 'operator',
        });
        await audit();
        expect(await send('POST', `/contacts/${waits.id}/cancel`, reason)).toBeLessThan(410);
        await audit();
        await send('POST', `/contacts/${waits.id}/retry`, reason);
        await audit();
        for (const action of ['pause', 'resume'])
          expect(await send('POST', `/batches/${waits.batchId}/${action}`, reason), action).toBeLessThan(410);
        await audit();

        const cancelled = await one('waiting', [waits.id]);
        await client.workflow.getHandle(contactWorkflowId(cancelled)).cancel();
        await until(
          'its row has closed',
          async () =>
            (await count(
              stack.databaseUrl,
              `core.contact where id = '${cancelled.id}' and state = 'closed'`,
            )) === 1,
        );
        await audit();

        const terminated = await one('waiting', [waits.id, cancelled.id]);
        await client.workflow.getHandle(contactWorkflowId(terminated)).terminate('by hand');
        await isRunAgain(terminated.id, terminated.run);
        await audit();

        for (const words of [
          ['metrics'],
          ['retention', '--', '--dry-run'],
          ['keys', '--', 'list', '--account', stack.accountId],
          ['holidays', '--', 'list'],
          ['backup', '--', join(dir, 'copy')],
        ]) {
          await command(['npm', 'run', ...words]);
          await audit();
        }
        await send('POST', `/batches/${waits.batchId}/cancel`, reason);
        await until(
          'the batch is over',
          async () =>
            (await count(
              stack.databaseUrl,
              `core.contact where batch_id = '${waits.batchId}' and state <> 'closed'`,
            )) === 0,
          boundMs,
        );
        await audit();
      } finally {
        await connection.close();
      }
    },
    2 * boundMs,
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
