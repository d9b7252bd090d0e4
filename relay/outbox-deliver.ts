import { type Client, defaultPayloadConverter, isGrpcServiceError } from '@temporalio/client';
import { mapToPayloads, toPayloads } from '@temporalio/common';
import proto from '@temporalio/proto';
import { type Database, inAccount } from '../db/client.ts';
import { readBatchRun } from '../domain/batches/queries.ts';
import { batchStart, startBatch } from '../domain/batches/start-batch.ts';
import { type ContactRun, readRun } from '../domain/contacts/queries-runs.ts';
import { restartContact } from '../domain/contacts/restart-contact.ts';
import { contactStart, runState, startContact } from '../domain/contacts/start-contact.ts';
import { importState } from '../domain/imports/queries-runs.ts';
import { tableFileState } from '../domain/integrations/queries-table-files.ts';
import { startImport } from '../domain/imports/start-import.ts';
import type { OutboxRow, Sent } from '../domain/shared/queries-outbox.ts';
import { batchWorkflowId, contactWorkflowId, importWorkflowId } from '../domain/temporal/rules/ids.ts';

/** Delivers one row. What it throws is tried again, unless the server will never take it: see `sentOf`. */
export type Deliver = (row: OutboxRow) => Promise<Sent>;

export interface DeliverDeps {
  readonly app: Database;
  readonly system: Database;
  readonly client: Client;
  readonly taskQueue: string;
}

/** For each question to the server: a frozen one must not hold a row for longer than its lease. */
const answerWithinMs = 5_000;
/** An old run ends a moment after its row says so. */
const oldRunMs = 250;

const delivered: Sent = { kind: 'delivered', note: null };
const note = (words: string): Sent => ({ kind: 'delivered', note: words });
const dead = (reason: string): Sent => ({ kind: 'dead', reason });

const { WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE } = proto.temporal.api.enums.v1.WorkflowIdReusePolicy;

/** Takes rows to Temporal. "Delivered" is said of a row that a living run has taken, or whose receiver's own row is closed. */
export function deliverToTemporal(deps: DeliverDeps): Deliver {
  return async (row) => {
    const { account_slug: accountSlug, batch_slug: batchSlug, number, batch_id: batchId } = row;
    if (row.import_id !== null) return toImport(deps, row, row.import_id);
    if (accountSlug === null || batchSlug === null || batchId === null) return dead('its receiver is gone');
    if (row.kind !== 'start') {
      const address = { accountSlug, batchSlug };
      const workflowId =
        number === null ? batchWorkflowId(address) : contactWorkflowId({ ...address, number });
      if (await signal(deps.client, workflowId, row)) return delivered;
    }
    // Nobody is there, or is to be: only now is the receiver's row worth a look.
    return row.contact_id === null ? toBatch(deps, row, batchId) : toContact(deps, row, row.contact_id);
  };
}

async function toContact(deps: DeliverDeps, row: OutboxRow, contactId: string): Promise<Sent> {
  const contact = await readRun(deps.system, contactId);
  if (contact === undefined) return dead('its contact is gone');
  if (contact.state === 'closed') return note('the contact is closed');
  // It reads what it is about when its day comes; started now it would jump the queue of its batch.
  if (contact.state === 'planned') return note('the contact is not opened yet');
  if (row.kind === 'start') return start(deps, contact);
  const state = await within(deps.client, () => runState(deps.client, contact));
  const isLost = state === 'ended';
  if (row.kind === 'signal') {
    if (isLost) await beginAnew(deps, contact);
    return dead('the run that it was for is gone');
  }
  const current = isLost ? await beginAnew(deps, contact) : contact;
  if (current === undefined) return { kind: 'later', error: 'the contact has changed', delayMs: oldRunMs };
  await signalWithStart(deps, row, 'contact', contactStart(deps.taskQueue, current));
  return delivered;
}

async function start(deps: DeliverDeps, contact: ContactRun): Promise<Sent> {
  const state = await within(deps.client, () => startContact(deps, contact));
  if (state === 'running') return delivered;
  if (state === 'earlier')
    return { kind: 'later', error: 'its old run has not ended yet', delayMs: oldRunMs };
  const anew = await beginAnew(deps, contact);
  if (anew === undefined) return { kind: 'later', error: 'the contact has changed', delayMs: oldRunMs };
  await within(deps.client, () => startContact(deps, anew));
  return note(`run ${contact.run} was lost: started as run ${anew.run}`);
}

/** The further run of a contact that was lost, with what it is started with. Undefined: it has closed meanwhile. */
async function beginAnew(deps: DeliverDeps, contact: ContactRun): Promise<ContactRun | undefined> {
  const why = { actor: 'outbox', reason: 'its workflow was gone' };
  const restarted = await inAccount(deps.app, contact.accountId, (trx) => restartContact(trx, contact, why));
  if (restarted === undefined) return undefined;
  return { ...contact, run: restarted.run, state: restarted.paused ? 'paused' : 'waiting' };
}

async function toBatch(deps: DeliverDeps, row: OutboxRow, batchId: string): Promise<Sent> {
  const batch = await readBatchRun(deps.system, batchId);
  if (batch === undefined) return dead('its batch is gone');
  if (batch.state === 'finished' || batch.state === 'cancelled') return note(`the batch is ${batch.state}`);
  if (row.kind === 'start') {
    await within(deps.client, () => startBatch(deps, batch));
    return delivered;
  }
  if (row.kind === 'signal') return dead('the run that it was for is gone');
  await signalWithStart(deps, row, 'batch', batchStart(deps.taskQueue, batch));
  return delivered;
}

async function toImport(deps: DeliverDeps, row: OutboxRow, importId: string): Promise<Sent> {
  const { account_slug: accountSlug } = row;
  const state = (await importState(deps.system, importId)) ?? (await tableFileState(deps.system, importId));
  if (accountSlug === null || state === undefined) return dead('its import is gone');
  if (row.kind !== 'start' && (await signal(deps.client, importWorkflowId({ accountSlug, importId }), row))) {
    return delivered;
  }
  if (state !== 'waiting' && state !== 'reading') return note(`the import is ${state}`);
  await within(deps.client, () => startImport(deps, { accountId: row.account_id, accountSlug, importId }));
  if (row.kind === 'start') return delivered;
  return { kind: 'later', error: 'its workflow has just been started', delayMs: oldRunMs };
}

const grpcInvalidArgument = 3;
const grpcNotFound = 5;

/** By the row's id the server knows a signal that it has taken: one that comes twice is one. False: no run is there. */
async function signal(client: Client, workflowId: string, row: OutboxRow): Promise<boolean> {
  try {
    await within(client, () =>
      client.workflowService.signalWorkflowExecution({
        namespace: client.options.namespace,
        workflowExecution: { workflowId },
        signalName: row.signal ?? '',
        input: { payloads: toPayloads(defaultPayloadConverter, row.payload) ?? [] },
        identity: 'tandas-outbox',
        requestId: row.id,
      }),
    );
    return true;
  } catch (error) {
    if (isWorkflowNotFound(error)) return false;
    throw error;
  }
}

type Start = ReturnType<typeof contactStart> | ReturnType<typeof batchStart>;

/**
 * Raw, because the SDK's own call makes up the request id: a relay that dies between this and its commit comes back with a
 * plain signal, and only by the row's id does the server see that the run has it.
 */
async function signalWithStart(
  { client }: DeliverDeps,
  row: OutboxRow,
  type: 'contact' | 'batch',
  options: Start,
): Promise<void> {
  const convert = (...values: unknown[]) => ({
    payloads: toPayloads(defaultPayloadConverter, ...values) ?? [],
  });
  const json = (value: unknown) => defaultPayloadConverter.toPayload(value);
  await within(client, () =>
    client.workflowService.signalWithStartWorkflowExecution({
      namespace: client.options.namespace,
      workflowId: options.workflowId,
      workflowType: { name: type },
      taskQueue: { name: options.taskQueue },
      input: convert(...options.args),
      signalName: row.signal ?? '',
      signalInput: convert(row.payload),
      identity: 'tandas-outbox',
      requestId: row.id,
      workflowIdReusePolicy: WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
      memo: { fields: mapToPayloads<string>(defaultPayloadConverter, 'memo' in options ? options.memo : {}) },
      searchAttributes: {
        indexedFields: Object.fromEntries(
          options.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, keyword(value)]),
        ),
      },
      userMetadata: { summary: json(options.staticSummary) },
    }),
  );
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** As the server wants an attribute's value: JSON, with its type. */
function keyword(value: unknown) {
  return {
    metadata: { encoding: bytes('json/plain'), type: bytes('Keyword') },
    data: bytes(JSON.stringify(value)),
  };
}

function within<T>(client: Client, ask: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + answerWithinMs, ask);
}

const longestRetryMs = 30_000;

/** What a failed delivery means: a payload that the server refuses will be refused tomorrow; everything else passes. */
export function sentOf(error: unknown, tries: number): Sent {
  const words = error instanceof Error ? error.message : 'unknown error';
  if (hasCode(error, grpcInvalidArgument)) return dead(words);
  return {
    kind: 'later',
    error: words,
    delayMs: Math.min(longestRetryMs, 500 * 2 ** Math.min(tries - 1, 8)),
  };
}

/** Of the workflow, not of the namespace: a server that is being set up would swallow every message that waits. */
function isWorkflowNotFound(error: unknown): boolean {
  return isGrpcServiceError(error) && error.code === grpcNotFound && /workflow/i.test(error.details);
}

function hasCode(error: unknown, code: number): boolean {
  // The SDK wraps gRPC errors in errors of its own, some of them twice.
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; depth += 1) {
    if (isGrpcServiceError(cause)) return cause.code === code;
    cause = cause.cause;
  }
  return false;
}
