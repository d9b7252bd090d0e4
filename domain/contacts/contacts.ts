import {
  type Client,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { sql } from 'kysely';
import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import {
  cancelUpdate,
  type ContactView,
  pauseUpdate,
  rescheduleUpdate,
  resumeUpdate,
  viewQuery,
} from '../../workflows/contact/contract.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { batchWorkflowId, contactWorkflowId } from '../../workflows/shared/ids.ts';
import type { Caller } from '../shared/caller.ts';
import { doNotCall, readSubject, type Subject } from './subject.ts';
import { OperationRefused } from '../shared/refused.ts';
import type { SaidWish } from './rules/wish.ts';
import type { ChosenSlot } from './rules/reschedule-slot.ts';
import { resolveWish } from './reschedule-wish.ts';
import { slotWords } from './rules/reschedule-words.ts';
import { askTemporal } from '../temporal/temporal-call.ts';

export interface ContactDeps {
  readonly app: Database;
  readonly temporal: Client;
}

/** How long whoever asks waits for a contact's answer. */
const updateWithinMs = 10_000;
/** The live view is a courtesy: the row says nearly as much. */
const viewWithinMs = 1_500;

export interface RescheduleRequest {
  readonly contactId: string;
  /** `at`, ISO 8601 with an offset or local in the person's zone; or a day and a time, also in words. */
  readonly wish: SaidWish;
  readonly reason: string;
}

/**
 * Moves a contact's next call to an instant that its rule pack and its policy allow. Throws `OperationRefused` naming the
 * rule and the nearest instants; the wish is on record all the same.
 */
export async function rescheduleContact(
  deps: ContactDeps,
  caller: Caller,
  { contactId, wish, reason }: RescheduleRequest,
): Promise<ContactView> {
  const { accountId } = caller;
  const { subject, answer } = await inAccount(deps.app, accountId, async (trx) => {
    const found = await readSubject(trx, contactId);
    requireOpen(found);
    if (found.doNotCall) throw doNotCall();
    const at = await databaseNow(trx);
    const { realm } = found;
    const resolved = await resolveWish(trx, {
      accountId,
      contactId,
      attemptId: null,
      source: 'api',
      wish,
      realm,
      at,
    });
    await writeAudit(trx, {
      ...caller,
      action: resolved.ok ? 'contact.reschedule_requested' : 'contact.reschedule_refused',
      subject: contactId,
      detail: resolved.ok
        ? { at: new Date(resolved.slot.opensAtMs).toISOString(), reason }
        : { wish, rule: resolved.rule, reason },
    });
    return { subject: found, answer: resolved };
  });
  // After the commit: a wish that is refused is on record too.
  if (!answer.ok) throw slotRefused(subject.pack, answer);
  const { slot, requestId } = answer;
  return update(deps, caller, subject, (handle) =>
    handle.executeUpdate(rescheduleUpdate, { args: [{ slot, requestId }] }),
  );
}

const changes = { pause: pauseUpdate, resume: resumeUpdate, cancel: cancelUpdate } as const;

export interface ContactChange {
  readonly contactId: string;
  readonly action: keyof typeof changes;
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
    handle.executeUpdate(changes[action], { args: [{ reason }] }),
  );
}

/** False when the batch opened it meanwhile: it has a workflow then. */
async function cancelPlanned(trx: Trx, subject: Subject, { accountId }: Caller): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome: 'cancelled',
      closed_at: sql<Date>`clock_timestamp()`,
      waiting_for: 'Cerrado: cancelado · 0 intentos',
    })
    .where('id', '=', subject.id)
    .where('state', '=', 'planned')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await tellBatch(trx, accountId, subject.batchId);
  return true;
}

async function tellBatch(trx: Trx, accountId: string, batchId: string): Promise<void> {
  const workflowId = batchWorkflowId(batchId);
  await writeOutbox(trx, [{ accountId, workflowId, signal: 'batchChanged', payload: {} }]);
}

type Handle = WorkflowHandle<typeof contact>;

async function update(
  { temporal }: ContactDeps,
  { accountId }: Caller,
  subject: Subject,
  ask: (handle: Handle) => Promise<ContactView>,
): Promise<ContactView> {
  const handle = temporal.workflow.getHandle<typeof contact>(
    contactWorkflowId(accountId, subject.batchId, subject.id),
  );
  try {
    return await askTemporal(temporal, updateWithinMs, () => ask(handle));
  } catch (error) {
    // Closed between our look at the row and the question.
    if (error instanceof WorkflowUpdateFailedError || error instanceof WorkflowNotFoundError) {
      throw contactClosed(subject.id, error);
    }
    throw error;
  }
}

/** What the contact's workflow says of itself; undefined when it does not run, or does not answer at once. */
export async function viewContact(
  { temporal }: Pick<ContactDeps, 'temporal'>,
  accountId: string,
  row: { readonly id: string; readonly batchId: string; readonly state: ContactState },
): Promise<ContactView | undefined> {
  if (row.state === 'planned' || row.state === 'closed') return undefined;
  const handle = temporal.workflow.getHandle<typeof contact>(
    contactWorkflowId(accountId, row.batchId, row.id),
  );
  try {
    return await askTemporal(temporal, viewWithinMs, () => handle.query(viewQuery));
  } catch {
    return undefined;
  }
}

function requireOpen({ id, state }: Subject): void {
  if (state === 'closed') throw contactClosed(id);
  if (state !== 'planned') return;
  throw new OperationRefused(
    'conflict',
    'contact_planned',
    "The contact waits for its batch's group of the day and has no call to change yet.",
    'El contacto espera su grupo del día y todavía no tiene una llamada que cambiar.',
  );
}

function contactClosed(contactId: string, cause?: unknown): OperationRefused {
  const retry = `/api/v1/contacts/${contactId}/retry`;
  return new OperationRefused(
    'conflict',
    'contact_closed',
    `The contact is closed. POST ${retry} opens it again.`,
    `El contacto está cerrado. POST ${retry} lo abre de nuevo.`,
    { extra: { retry }, cause },
  );
}

function slotRefused(pack: RulePack, refused: Extract<ChosenSlot, { ok: false }>): OperationRefused {
  const { en, es } = slotWords[refused.rule];
  const rule = `${pack.key}@${pack.version}: ${refused.rule}`;
  const near = [refused.before, refused.after].filter((at) => at !== null);
  return new OperationRefused(
    'unprocessable',
    'not_allowed_then',
    `Not allowed: ${en}.${near.length === 0 ? '' : ` Nearest: ${near.join(' or ')}.`}`,
    `No se permite: ${es}.${near.length === 0 ? '' : ` Lo más cercano: ${near.join(' o ')}.`}`,
    {
      errors: [{ field: 'at', message: en }],
      extra: { rule, nearest: { before: refused.before, after: refused.after } },
    },
  );
}
