import type { RehearsalInput } from './rules/input.ts';
import { rehearsalWorkflowId } from '../temporal/rules/ids.ts';
import { randomUUID } from 'node:crypto';
import { Client, type Connection } from '@temporalio/client';
import { DateTime } from 'luxon';
import { insertRehearsal, openRehearsals } from './queries.ts';
import { type Database, inAccount } from '../../db/client.ts';
import { accountAttribute, batchAttribute, useCaseAttribute } from '../temporal/rules/search-attributes.ts';
import { TypedSearchAttributes } from '@temporalio/common';
import type { Caller } from '../shared/caller.ts';
import type { TermsRequest } from '../batches/terms.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';
import { copyBatch, makeRehearsalAccount, readSource } from './account.ts';
import { askTemporal } from '../temporal/temporal-call.ts';
import { viewRehearsal } from './state.ts';
import { injectTimeSkipping } from './time-skipping.ts';

export interface RehearsalRequest extends TermsRequest {
  /** Chance comes from here alone: the same seed is the same story. */
  readonly seed: string;
  /** Local day 'YYYY-MM-DD'; undefined: tomorrow. */
  readonly start: string | undefined;
}

export interface RehearsalDeps {
  readonly app: Database;
  /** A connection of its own: everything that is started through it lives in virtual time. */
  readonly skipping: Client;
  readonly taskQueue: string;
}

/** Before the first wave of any policy. */
const morningHour = 6;
/** Further away nobody plans, and Temporal's own time ends in 2262. */
const latestYears = 2;
/** Far more skips than any contact's life has. */
const mostSkips = 5_000;

/** Of one account: each has up to 2,000 contacts, on workers that live calls need as well. */
export const mostRehearsals = 3;

/** A client whose workflows live in virtual time. The connection must be used for nothing else. */
export function skippingClient(connection: Connection, namespace: string): Client {
  injectTimeSkipping(connection.workflowService, { maxSkips: mostSkips });
  return new Client({ connection, namespace });
}

/**
 * Makes a rehearsal of a stored import: an account of its own with the same people, rules and prices, and the workflow that
 * lives it. Nothing of it counts or costs anything in the caller's account. Throws `OperationRefused` for what a batch
 * would be refused for, for more contacts than a rehearsal takes, for one more than may run, and for a server that cannot skip time.
 */
export async function startRehearsal(
  deps: RehearsalDeps,
  caller: Caller,
  request: RehearsalRequest,
): Promise<string> {
  // One after the other: of a hundred at once, most must not make an account each before they are refused.
  const before = starting.get(caller.accountId) ?? Promise.resolve();
  const mine = before.then(async () => {
    await requirePlace(deps, caller.accountId);
    return makeRehearsal(deps, caller, request);
  });
  const done = mine.catch(() => undefined);
  starting.set(caller.accountId, done);
  try {
    return await mine;
  } finally {
    if (starting.get(caller.accountId) === done) starting.delete(caller.accountId);
  }
}

const starting = new Map<string, Promise<unknown>>();

/** A rehearsal is over when its end was looked at: where there seem to be too many, somebody looks. */
async function requirePlace({ app, skipping }: RehearsalDeps, accountId: string): Promise<void> {
  const open = () => inAccount(app, accountId, (trx) => openRehearsals(trx, accountId));
  const found = await open();
  if (found.length < mostRehearsals) return;
  for (const { id, begun } of found)
    if (begun) await viewRehearsal({ app, temporal: skipping }, accountId, id);
  if ((await open()).length >= mostRehearsals) throw tooMany();
}

async function makeRehearsal(
  deps: RehearsalDeps,
  caller: Caller,
  request: RehearsalRequest,
): Promise<string> {
  const id = randomUUID();
  const source = await inAccount(deps.app, caller.accountId, (trx) => readSource(trx, request));
  const { terms } = source;
  const startsAt = startOf(request.start, terms.zone);
  const accountId = await makeRehearsalAccount(deps.app, id, source);
  const batchId = await inAccount(deps.app, accountId, (trx) => copyBatch(trx, accountId, source));
  await inAccount(deps.app, caller.accountId, async (trx) => {
    // Another process of ours may have been quicker.
    if ((await openRehearsals(trx, caller.accountId)).length >= mostRehearsals) throw tooMany();
    await insertRehearsal(trx, {
      id,
      accountId: caller.accountId,
      importId: request.importId,
      rehearsalAccountId: accountId,
      batchId,
      seed: request.seed,
      terms,
      startsAt,
      contacts: source.contacts,
    });
  });
  await start(deps, {
    id,
    accountId,
    batchId,
    useCase: source.useCase,
    groupSize: terms.policy.groupSize,
    startsAtMs: startsAt.getTime(),
  });
  return id;
}

function startOf(day: string | undefined, zone: string): Date {
  const now = DateTime.now().setZone(zone);
  const chosen = day === undefined ? now.plus({ days: 1 }) : DateTime.fromISO(day, { zone });
  if (!chosen.isValid || chosen.startOf('day') <= now.startOf('day')) {
    throw refuse('start_not_ahead', {}, { field: 'start' });
  }
  if (chosen > now.plus({ years: latestYears })) {
    throw refuse('start_too_late', { years: latestYears }, { field: 'start' });
  }
  return chosen.startOf('day').set({ hour: morningHour }).toJSDate();
}

interface Started {
  readonly id: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly useCase: string;
  readonly groupSize: number;
  readonly startsAtMs: number;
}

const startWithinMs = 10_000;

async function start({ skipping, taskQueue }: RehearsalDeps, started: Started): Promise<void> {
  const { id, useCase, ...rest } = started;
  const input: RehearsalInput = rest;
  const handle = await askTemporal(skipping, startWithinMs, () =>
    skipping.workflow.start('rehearsal', {
      workflowId: rehearsalWorkflowId(id),
      taskQueue,
      args: [input],
      staticSummary: 'Ensayo',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: accountAttribute, value: input.accountId },
        { key: batchAttribute, value: input.batchId },
        { key: useCaseAttribute, value: useCase },
      ]),
    }),
  );
  const described = await skipping.workflowService.describeWorkflowExecution({
    namespace: skipping.options.namespace,
    execution: { workflowId: handle.workflowId },
  });
  if (described.workflowExtendedInfo?.timeSkippingInfo?.effectiveConfig?.enabled === true) return;
  // In real time it would sleep until next week.
  await handle.terminate('the server does not skip time');
  throw cannotSkip();
}

function tooMany(): OperationRefused {
  return refuse('too_many_rehearsals', { most: mostRehearsals });
}

function cannotSkip(): OperationRefused {
  return refuse('time_skipping_off');
}
