import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { isSent, type OutboxMessage, writeOutbox } from '../shared/queries-outbox.ts';
import { cancelPlannedContact, readRun } from './queries-runs.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import { type ContactView, type ContactUpdate, type OperatorRequest, contactViewName } from './rules/view.ts';
import { contactWorkflowId } from '../temporal/rules/ids.ts';
import type { Caller } from '../shared/caller.ts';
import { readSubject, requireWanted, type Subject } from './subject.ts';
import { refuse, OperationRefused } from '../shared/refused.ts';
import type { SaidWish } from './rules/wish.ts';
import type { ChosenSlot } from './rules/reschedule-slot.ts';
import { type RequestedBy, resolveWish } from './reschedule-wish.ts';
import { slotWords } from './rules/reschedule-words.ts';
import { askTemporal, isForgotten } from '../temporal/temporal-call.ts';

export interface ContactDeps {
  readonly app: Database;
  readonly temporal: Client;
}

/** How long whoever asks waits for a contact's answer. */
const updateWithinMs = 10_000;
/** Times that an update is asked whose task could not be completed. */
const mostAsked = 5;
/** The live view is a courtesy: the row says nearly as much. */
const viewWithinMs = 1_500;

export interface RescheduleRequest {
  readonly contactId: string;
  /** `at`, ISO 8601 with an offset or local in the person's zone; or a day and a time, also in words. */
  readonly wish: SaidWish;
  readonly reason: string;
  readonly requestedBy: RequestedBy;
}

/**
 * Moves a contact's next call to an instant that its rule pack and its policy allow. What is agreed reaches the contact by the
 * outbox, whatever becomes of this process or of Temporal; the answer waits for it for a moment, so that it is the contact's
 * own. Throws `OperationRefused` naming the rule and the nearest instants; the wish is on record all the same.
 */
export async function rescheduleContact(
  deps: ContactDeps,
  caller: Caller,
  { contactId, wish, reason, requestedBy }: RescheduleRequest,
): Promise<ContactView> {
  const { accountId } = caller;
  const { subject, answer, outboxId } = await inAccount(deps.app, accountId, async (trx) => {
    const found = await readSubject(trx, contactId);
    requireOpen(found);
    requireWanted(found);
    const at = await databaseNow(trx);
    const resolved = await resolveWish(trx, {
      accountId,
      contactId,
      attemptId: null,
      source: 'api',
      requestedBy,
      wish,
      at,
    });
    await writeAudit(trx, {
      ...caller,
      action: resolved.ok ? 'contact.reschedule_requested' : 'contact.reschedule_refused',
      subject: contactId,
      detail: resolved.ok
        ? { at: new Date(resolved.slot.opensAtMs).toISOString(), reason, requestedBy }
        : { wish, rule: resolved.rule, reason },
    });
    if (!resolved.ok) return { subject: found, answer: resolved, outboxId: undefined };
    const payload = { slot: resolved.slot, requestId: resolved.requestId };
    const agreed = { accountId, to: { contactId }, signal: 'rescheduleAgreed', payload };
    const [id] = await writeOutbox(trx, [agreed]);
    return { subject: found, answer: resolved, outboxId: id };
  });
  // After the commit: a wish that is refused is on record too.
  if (!answer.ok) throw slotRefused(subject.pack, answer);
  const isTaken = outboxId !== undefined && (await untilSent(deps, accountId, outboxId));
  const view = isTaken ? await viewContact(deps, accountId, subject) : undefined;
  if (view !== undefined) return view;
  const now = await inAccount(deps.app, accountId, (trx) => readSubject(trx, contactId));
  if (now.state === 'closed') throw contactClosed(contactId);
  // It will be taken: what was agreed is on record, and nothing that happens to it in between is lost.
  return {
    state: now.state === 'planned' ? 'waiting' : now.state,
    waitingFor: 'Llamada acordada',
    attempts: now.attempts,
    nextWakeAtMs: answer.slot.opensAtMs,
  };
}

/** How long an answer waits for the relay: a relay that lives takes some tens of milliseconds. */
const sentWithinMs = 3_000;
const lookEveryMs = 25;

/** Whether the row was taken in time. */
async function untilSent({ app }: ContactDeps, accountId: string, outboxId: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < sentWithinMs; waitedMs += lookEveryMs) {
    if (await inAccount(app, accountId, (trx) => isSent(trx, outboxId))) return true;
    await sleep(lookEveryMs);
  }
  return false;
}

export interface ContactChange {
  readonly contactId: string;
  readonly action: ContactUpdate;
  readonly reason: string;
}

/**
 * Pauses, resumes or cancels one contact. Undefined: it had not been opened, and was cancelled in its row. Throws
 * `OperationRefused` for one that is closed, or that has no workflow to pause yet.
 */
export async function changeContact(
  deps: ContactDeps,
  caller: Caller,
  { contactId, action, reason }: ContactChange,
): Promise<ContactView | undefined> {
  const subject = await inAccount(deps.app, caller.accountId, async (trx) => {
    const found = await readSubject(trx, contactId);
    const closedHere =
      found.state === 'planned' && action === 'cancel' && (await cancelPlanned(trx, found, caller));
    if (!closedHere) requireOpen(found);
    await writeAudit(trx, {
      ...caller,
      action: `contact.${action}_requested`,
      subject: contactId,
      detail: { reason },
    });
    return closedHere ? undefined : found;
  });
  if (subject === undefined) return undefined;
  return update(deps, caller, subject, (handle) =>
    handle.executeUpdate<ContactView, [OperatorRequest]>(action, { args: [{}] }),
  );
}

/** False when the batch opened it meanwhile: it has a workflow then. */
async function cancelPlanned(trx: Trx, subject: Subject, { accountId }: Caller): Promise<boolean> {
  if (!(await cancelPlannedContact(trx, subject.id))) return false;
  const { batchId } = subject;
  await writeOutbox(trx, [{ accountId, to: { batchId }, signal: 'batchChanged', payload: {} }]);
  return true;
}

async function update(
  deps: ContactDeps,
  { accountId }: Caller,
  { id }: Subject,
  ask: (handle: WorkflowHandle) => Promise<ContactView>,
): Promise<ContactView> {
  const { temporal } = deps;
  const handle = await handleOf(deps, accountId, id);
  const askOnce = async (): Promise<ContactView> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await askTemporal(temporal, updateWithinMs, () => ask(handle));
      } catch (error) {
        if (!isForgotten(error) || tries === mostAsked) throw error;
      }
    }
  };
  try {
    return await askOnce().catch(async (error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError) || !(await startMissing(deps, accountId, id)))
        throw error;
      return askOnce();
    });
  } catch (error) {
    // Closed between our look at the row and the question.
    if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError) {
      throw contactClosed(id, error);
    }
    throw error;
  }
}

/** A contact that is open and has no workflow (opened a moment ago, or lost) gets one. False: it is closed. */
async function startMissing(deps: ContactDeps, accountId: string, contactId: string): Promise<boolean> {
  const outboxId = await inAccount(deps.app, accountId, async (trx) => {
    const { state } = await readSubject(trx, contactId);
    if (state === 'closed') return undefined;
    const start: OutboxMessage = { accountId, to: { contactId }, kind: 'start' };
    return (await writeOutbox(trx, [start]))[0];
  });
  return outboxId !== undefined && (await untilSent(deps, accountId, outboxId));
}

/** What the contact's workflow says of itself; undefined when it does not run, or does not answer at once. */
export async function viewContact(
  deps: ContactDeps,
  accountId: string,
  row: { readonly id: string; readonly state: ContactState },
): Promise<ContactView | undefined> {
  if (row.state === 'planned' || row.state === 'closed') return undefined;
  try {
    const handle = await handleOf(deps, accountId, row.id);
    const view = await askTemporal(deps.temporal, viewWithinMs, () =>
      handle.query<ContactView>(contactViewName),
    );
    // Of a retry that has not begun yet: it is the old run that answers.
    return view.state === 'closed' ? undefined : view;
  } catch {
    return undefined;
  }
}

async function handleOf(
  { app, temporal }: ContactDeps,
  accountId: string,
  contactId: string,
): Promise<WorkflowHandle> {
  const run = await inAccount(app, accountId, (trx) => readRun(trx, contactId));
  if (run === undefined) throw refuse('contact_not_found');
  return temporal.workflow.getHandle(contactWorkflowId(run));
}

function requireOpen({ id, state }: Subject): void {
  if (state === 'closed') throw contactClosed(id);
  if (state !== 'planned') return;
  throw refuse('contact_planned');
}

function contactClosed(contactId: string, cause?: unknown): OperationRefused {
  const retry = `/api/v1/contacts/${contactId}/retry`;
  return refuse('contact_closed', { retry }, { extra: { retry }, cause });
}

function slotRefused(pack: RulePack, refused: Extract<ChosenSlot, { ok: false }>): OperationRefused {
  const { en, es } = slotWords[refused.rule];
  const rule = `${pack.key}@${pack.version}: ${refused.rule}`;
  const near = [refused.before, refused.after].filter((at) => at !== null);
  return refuse(
    near.length === 0 ? 'not_allowed_then' : 'not_allowed_then_near',
    { en, es, near: near.join(' · ') },
    { field: 'at', extra: { rule, nearest: { before: refused.before, after: refused.after } } },
  );
}
