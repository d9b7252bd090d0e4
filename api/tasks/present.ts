import {
  newestAgreement,
  readCallOf,
  readNameOf,
  readTask,
  type TaskRow,
} from '../../domain/tasks/queries-list.ts';
import type { z } from '@hono/zod-openapi';
import type { Trx } from '../../db/client.ts';
import { currentDebts } from '../../domain/payments/queries-debts.ts';
import { readPhones } from '../../domain/contacts/queries-list.ts';
import { refuse } from '../../domain/shared/refused.ts';
import { presentMoney } from '../money.ts';
import type { taskSchema, taskWithContextSchema } from './schemas.ts';

export function presentTask(row: TaskRow): z.infer<typeof taskSchema> {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    resolution: row.resolution,
    note: row.note,
    contact_id: row.contact_id,
    person_id: row.person_id,
    attempt_id: row.attempt_id,
    context: row.context,
    opened_at: row.opened_at.toISOString(),
    resolved_at: row.resolved_at?.toISOString() ?? null,
    resolved_by: row.resolved_by,
  };
}

/** Everything that whoever takes the task needs. Throws `OperationRefused` when it is not the account's. */
export async function readTaskJson(trx: Trx, taskId: string): Promise<z.infer<typeof taskWithContextSchema>> {
  const row = await readTask(trx, taskId);
  if (row === undefined) throw refuse('task_not_found');
  const person = await readNameOf(trx, row.person_id);
  const phones = await readPhones(trx, row.person_id);
  const debts = await currentDebts(trx, row.person_id);
  return {
    ...presentTask(row),
    person: {
      ...person,
      phones: phones.filter(({ invalid_at }) => invalid_at === null).map(({ e164 }) => e164),
    },
    debts: debts.map((debt) => ({
      creditor: debt.creditor,
      reference: debt.reference,
      due_date: debt.dueDate,
      amount: presentMoney(debt.amountMicros, debt.currency),
      balance: presentMoney(debt.balanceMicros, debt.currency),
    })),
    call: await readCallOf(trx, row.attempt_id),
    agreement: await readAgreement(trx, row.contact_id),
  };
}

async function readAgreement(trx: Trx, contactId: string) {
  const row = await newestAgreement(trx, contactId);
  if (row === undefined) return null;
  return {
    state: row.state,
    kind: row.kind,
    total: presentMoney(row.total_micros, row.currency),
    discount: presentMoney(row.discount_micros, row.currency),
    made_at: row.made_at.toISOString(),
  };
}
