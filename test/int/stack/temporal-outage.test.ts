import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit } from '../../../audit/run.ts';
import { freePorts } from '../../../dev/stack/ports.ts';
import { Service } from '../../../dev/stack/service.ts';
import { findTemporal } from '../../../dev/stack/temporal-binary.ts';
import { temporalServices } from '../../../dev/stack/temporal-server.ts';
import { terminalProgress } from '../../../dev/stack/terminal.ts';
import { type ContactAddress, contactWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { debtorsForm } from '../../support/api.ts';
import { startBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { count, rows, untilWorked } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const people = 12;
/** A minute when it is to be shown; long enough for every kind of message to pile up. */
const outageMs = Number(process.env['TANDAS_OUTAGE_SECONDS'] ?? '12') * 1_000;
/** A whole batch on a busy machine: only a bound. */
const boundMs = 400_000;

const nobodyAnswers = Object.fromEntries(
  Array.from({ length: 100 }, (_, ending) => [String(ending).padStart(2, '0'), 'no_answer'] as const),
);

const pending = 'operation.outbox where delivered_at is null';
const watched: readonly string[] = ['rescheduleAgreed', 'paymentRecorded', 'paymentReversed'];

/** A Temporal server of this file's own, which it may freeze: the others share one. */
async function ownTemporal(dir: string): Promise<{ readonly service: Service; readonly address: string }> {
  const env = { ...process.env, TEMPORAL_ADDRESS: undefined };
  const source = await findTemporal({ env, progress: terminalProgress() });
  if (source.kind === 'address') throw new Error('this test needs a server that it may freeze');
  const [port = 0] = await freePorts(1);
  const options = { source, profile: 'dev', dir: join(dir, 'temporal'), logDir: join(dir, 'logs') } as const;
  const [spec] = temporalServices({ ...options, port, namespace: 'outage' });
  if (spec === undefined) throw new Error('there is no server to start');
  const service = new Service(spec);
  await service.start({ restart: false });
  return { service, address: `127.0.0.1:${port}` };
}

interface OpenContact extends ContactAddress {
  readonly id: string;
  readonly national_id: string;
}

describe('Temporal is frozen while a batch runs', () => {
  let dir: string;
  let temporal: Awaited<ReturnType<typeof ownTemporal>>;
  let stack: OwnProcesses;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tandas-outage-'));
    temporal = await ownTemporal(dir);
    stack = await startOwnProcesses({
      env: { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'outage' },
      // Nobody answers: every contact is still open when the server freezes.
      fake: { outcomeMode: 'pattern', patterns: nobodyAnswers, ringMs: { min: 2_000, max: 4_000 } },
    });
  }, boundMs);
  afterAll(async () => {
    if (process.env['TANDAS_TEST_LOGS'] !== undefined) console.log(await stack.logs());
    // Also where the stack did not come up: nobody else ends this file's own server.
    try {
      await stack.close();
    } finally {
      await temporal.service.stop();
      await rm(dir, { recursive: true, force: true });
    }
  });

  const post = async (
    path: string,
    body: object,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };

  it(
    'reschedules, payments and reversals of the outage all arrive, in the order in which they were made',
    async () => {
      await startBatch(stack, debtorsForm(people, 'corte'));
      const open = await until('everybody has a workflow and waits', async () => {
        const found = await rows<OpenContact>(
          stack.databaseUrl,
          `select k.id, s.national_id, a.slug as "accountSlug", b.slug as "batchSlug", k.ordinal as number
             from core.contact k join core.person s on s.id = k.person_id
             join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id
            where k.state in ('waiting', 'calling') and exists (
              select from operation.event e where e.type = 'contact.opened' and e.subject = k.id::text)
            order by k.ordinal`,
        );
        return found.length === people ? found : undefined;
      });
      const pid = temporal.service.pid;
      if (pid === undefined) throw new Error('the server does not run');
      process.kill(pid, 'SIGSTOP');
      const untilMs = Date.now() + outageMs;
      try {
        for (const [index, { id, national_id }] of open.entries()) {
          const at = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
          const reason = 'lo pidió';
          const answers: { readonly status: number; readonly text: string }[] = [];
          if (index % 2 === 0) {
            // The younger wish is the one that holds, however late both arrive.
            for (const seconds of [3_600, 45])
              answers.push(await post(`/api/v1/contacts/${id}/reschedule`, { at: at(seconds), reason }));
          } else {
            for (const [path, body] of [
              ['payments', payment(national_id, `${id}-1`)],
              ['payments', payment(national_id, `${id}-2`)],
              ['payments/reversals', { external_id: `${id}-1` }],
            ] as const)
              answers.push(await post(`/api/v1/${path}`, body));
          }
          // What was agreed, or paid, is said at once: it does not hang on a server that is away.
          for (const { status, text } of answers) expect([200, 201], text).toContain(status);
        }
        expect(await count(stack.databaseUrl, pending)).toBeGreaterThanOrEqual((people / 2) * 5);
        await sleep(Math.max(0, untilMs - Date.now()));
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await until(
        'every message has arrived',
        async () => (await count(stack.databaseUrl, pending)) === 0,
        boundMs,
      );
      const connection = await Connection.connect({ address: temporal.address });
      try {
        const client = new Client({ connection, namespace: 'outage' });
        const whole = { reschedules: 0, payments: 0 };
        for (const [index, contact] of open.entries()) {
          const kind = index % 2 === 0 ? 'reschedules' : 'payments';
          const { arrived, late } = await deliveriesOf(stack.databaseUrl, contact.id);
          // What comes while a workflow task runs is taken at once, and is in the history when that task has ended.
          const taken = await until('as many are in its history', async () => {
            const signals = await signalsOf(client, contact);
            return signals.length >= arrived.length ? signals : undefined;
          });
          expect(taken).toEqual(arrived);
          // A contact whose last call ended in the outage may close between two messages: the rest is said to be late.
          expect([...arrived, ...late]).toEqual(
            kind === 'reschedules'
              ? ['rescheduleAgreed', 'rescheduleAgreed']
              : ['paymentRecorded', 'paymentRecorded', 'paymentReversed'],
          );
          if (late.length === 0) whole[kind] += 1;
        }
        expect(whole.reschedules).toBeGreaterThan(0);
        expect(whole.payments).toBeGreaterThan(0);
      } finally {
        await connection.close();
      }
      const late = await rows<{ readonly contact_id: string }>(
        stack.databaseUrl,
        `select contact_id from (
           select contact_id, delivered_at, lag(delivered_at) over (partition by contact_id order by seq) as before
             from operation.outbox where contact_id is not null) o where delivered_at < before`,
      );
      expect(late).toEqual([]);
    },
    boundMs,
  );

  it(
    'the batch comes to its end, and the audit is clean',
    async () => {
      await untilWorked(stack, boundMs);
      await stack.fake.idle();
      const { invariants } = await runAudit({
        databaseUrl: stack.databaseUrl,
        voice: { url: stack.fake.baseUrl(), apiKey: stack.voiceKey },
        looks: 10,
      });
      expect(invariants.filter(({ breachCount }) => breachCount > 0)).toEqual([]);
    },
    boundMs,
  );
});

/** A part of the debt, which leaves the contact open. */
function payment(nationalId: string, externalId: string): object {
  return { external_id: externalId, amount: '1000', national_id: nationalId };
}

/** What was sent to a contact after it had opened, in the order of writing: what its run took, and what came after its end. */
async function deliveriesOf(
  databaseUrl: string,
  contactId: string,
): Promise<{ readonly arrived: readonly string[]; readonly late: readonly string[] }> {
  const sent = await rows<{ readonly signal: string; readonly last_error: string | null }>(
    databaseUrl,
    `select signal, last_error from operation.outbox
      where contact_id = '${contactId}' and signal = any('{${watched.join(',')}}') order by seq`,
  );
  const late = sent.filter(({ last_error }) => last_error === 'the contact is closed');
  return {
    arrived: sent.filter((row) => !late.includes(row)).map(({ signal }) => signal),
    late: late.map(({ signal }) => signal),
  };
}

/** What a contact's history says that it took of these, in its order. */
async function signalsOf(client: Client, contact: ContactAddress): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(contactWorkflowId(contact)).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) => {
    const name = signal?.signalName ?? '';
    return watched.includes(name) ? [name] : [];
  });
}
