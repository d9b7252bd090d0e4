import { existsSync } from 'node:fs';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { createBatch } from '../../../domain/batches/batches.ts';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { startRehearsal } from '../../../domain/rehearsal/rehearsals.ts';
import { rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { addDays, daysBetween } from '../../../domain/negotiation/rules/instalments.ts';
import type { SimulatedVoice } from '../../../domain/calls/simulated-port.ts';
import { importDemo, importFile } from '../../support/demo-import.ts';
import {
  createLiveWorld,
  type LiveWorld,
  shortTiming,
  shortWaves,
  storePolicy,
  until,
} from '../../support/live-world.ts';
import { newAccount, usd, withWorker } from '../../support/world.ts';

/** As in the demo, on a shorter scale: nine seconds from wave to wave, and a third of a second is a day of a promise. */
const quickWaves = {
  ...shortWaves,
  key: 'quick-waves',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 9_000, windowMs: 8_500 },
  maxAttempts: 3,
  agreementDayMs: 300,
} as const;
/**
 * Sixty dials of one instant, on a machine that may be busy: a dial whose window has passed, or a call that is judged before
 * its analysis, is decided on otherwise than its record shows, and there is nothing to rehearse.
 */
const patientTiming = {
  ...shortTiming,
  dialWindowMs: 15_000,
  firstCheckMs: 16_000,
  giveUpAfterMs: 30_000,
  analysisPatienceMs: 30_000,
} as const;
const zone = 'America/Santiago';
/** Written by another program; only where the folder is there. */
const sample = new URL('../../../../shared/samples/deudores-60.xlsx', import.meta.url).pathname;

let live: LiveWorld;
beforeAll(async () => {
  live = await createLiveWorld({
    capacity: 60,
    fake: { outcomeMode: 'seeded', seed: 'demo-time' },
    timing: patientTiming,
  });
  await storePolicy(live.world, quickWaves);
  await ensurePool(live.world.owner, {
    key: REHEARSAL_POOL,
    simulated: true,
    rehearsal: true,
    fromNumber: '+566000000000',
    agentId: 'agent_rehearsal',
    capacity: 200,
    callsPerSecond: 100_000,
  });
});
afterAll(() => live.close());

interface CallRow {
  readonly identity: string;
  readonly phone: string;
  readonly number: number;
  readonly reason: string | null;
  readonly durationMs: number;
  readonly voicemail: boolean | null;
  readonly captured: Readonly<Record<string, string>>;
  readonly outcome: string | null;
  readonly localDay: string;
}

async function callsOf(accountId: string): Promise<readonly CallRow[]> {
  const rows = await inAccount(live.world.app, accountId, (trx) =>
    trx
      .selectFrom('operation.attempt as a')
      .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
      .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
      .innerJoin('core.person as s', 's.id', 'a.person_id')
      .select([
        's.identity_key',
        'p.e164',
        'a.number',
        'a.local_day',
        'c.disconnection_reason',
        'c.duration_ms',
        'c.in_voicemail',
        'c.captured',
        'c.outcome',
      ])
      .orderBy('s.identity_key')
      .orderBy('a.number')
      .execute(),
  );
  return rows.map((row) => ({
    identity: row.identity_key,
    phone: row.e164,
    number: row.number,
    reason: row.disconnection_reason,
    durationMs: row.duration_ms ?? 0,
    voicemail: row.in_voicemail,
    captured: row.captured ?? {},
    outcome: row.outcome,
    localDay: row.local_day,
  }));
}

/** Per person: which phone was dialled, what came of it, and how the contact ended. */
async function decisionsOf(accountId: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const decisions: Record<string, string[]> = {};
  for (const { identity, phone, outcome } of await callsOf(accountId)) {
    (decisions[identity] ??= []).push(`${phone} ${outcome}`);
  }
  const contacts = await inAccount(live.world.app, accountId, (trx) =>
    trx
      .selectFrom('core.contact as k')
      .innerJoin('core.person as s', 's.id', 'k.person_id')
      .select(['s.identity_key', 'k.outcome'])
      .execute(),
  );
  for (const { identity_key, outcome } of contacts)
    (decisions[identity_key] ??= []).push(`closed: ${outcome}`);
  return decisions;
}

/** A provider that answers as it was recorded: the n-th call to a number ends as the n-th call did. */
function recorded(calls: readonly CallRow[]): SimulatedVoice {
  const byDial = new Map(calls.map((call) => [`${call.phone} ${call.number}`, call]));
  return {
    call(request, number, startsAtMs) {
      const call = byDial.get(`${request.toNumber} ${number}`);
      if (call === undefined) throw new Error(`dial ${number} of this person was not made on the real clock`);
      const promised = call.captured['fecha_pago_cliente'];
      const today = DateTime.fromMillis(startsAtMs, { zone }).toISODate() ?? '';
      const isDay = promised !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(promised);
      const captured = isDay
        ? { ...call.captured, fecha_pago_cliente: addDays(today, daysBetween(call.localDay, promised)) }
        : call.captured;
      const isConnected = call.durationMs > 0;
      return {
        durationMs: call.durationMs + 20,
        call: {
          providerCallId: `call_${request.attemptId}`,
          status: isConnected ? 'ended' : 'not_connected',
          attemptId: request.attemptId,
          startedAtMs: startsAtMs,
          endedAtMs: startsAtMs + call.durationMs,
          durationMs: call.durationMs,
          ...(call.reason === null ? {} : { disconnectionReason: call.reason }),
          analysed: true,
          ...(call.voicemail === null ? {} : { inVoicemail: call.voicemail }),
          captured,
          costByProduct: [],
        },
      };
    },
  };
}

async function importTo(accountId: string): Promise<string> {
  const { world } = live;
  return existsSync(sample) ? importFile(world, accountId, sample) : importDemo(world, accountId, 60);
}

it('60 debtors on the real clock and in a rehearsal: the same decisions for the same outcomes', async () => {
  const { world } = live;
  const caller = { accountId: await newAccount(world.app, world.poolId, 100n * usd), actor: 'test' };
  const importId = await importTo(caller.accountId);
  const terms = { importId, pack: 'demo', policy: quickWaves.key, pool: undefined, negotiation: undefined };
  await inAccount(world.app, caller.accountId, (trx) =>
    createBatch(trx, caller, { ...terms, name: 'demo', groupSize: undefined }),
  );
  await until(
    'every contact has closed on the real clock',
    async () => {
      const open = await inAccount(world.app, caller.accountId, (trx) =>
        trx.selectFrom('core.contact').select('id').where('state', '<>', 'closed').execute(),
      );
      return open.length === 0;
    },
    100_000,
  );
  const onRealClock = await decisionsOf(caller.accountId);
  // Another account: who asked not to be called in the first run must be called in the second.
  const other = { accountId: await newAccount(world.app, world.poolId, 100n * usd), actor: 'test' };
  const again = { ...terms, importId: await importTo(other.accountId), seed: '1', start: undefined };
  const rehearsing = { ...world, taskQueue: `${world.taskQueue}-rehearsal` };
  const simulatedVoice = recorded(await callsOf(caller.accountId));
  const id = await withWorker(rehearsing, { simulatedVoice }, async () => {
    const { app, skipping } = world;
    const started = await startRehearsal({ app, skipping, taskQueue: rehearsing.taskQueue }, other, again);
    await world.temporal.client.workflow.getHandle(rehearsalWorkflowId(started)).result();
    return started;
  });
  const { rehearsal_account_id: own } = await inAccount(world.app, other.accountId, (trx) =>
    trx
      .selectFrom('operation.rehearsal')
      .select('rehearsal_account_id')
      .$narrowType<{ rehearsal_account_id: string }>()
      .where('id', '=', id)
      .executeTakeFirstOrThrow(),
  );
  expect(Object.keys(onRealClock)).toHaveLength(60);
  expect(await decisionsOf(own)).toEqual(onRealClock);
});
