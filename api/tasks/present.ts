import type { z } from '@hono/zod-openapi';
import type { Selectable } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { currentDebts } from '../../domain/payments/queries-debts.ts';
import { readPhones } from '../../domain/contacts/queries-list.ts';
import type { TaskTable } from '../../db/schema/negotiation.ts';
import { notFound } from '../../domain/shared/refused.ts';
import { presentMoney } from '../money.ts';
import type { taskSchema, taskWithContextSchema } from './schemas.ts';

type TaskRow = Selectable<TaskTable>;

export interface TaskQuery {
  readonly state: 'open' | 'resolved' | undefined;
  readonly contactId: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export async function listTasks(trx: Trx, query: TaskQuery): Promise<readonly TaskRow[]> {
  const { state, contactId, after } = query;
  const last =
    after === undefined
      ? undefined
      : await trx
          .selectFrom('operation.task')
          .select(['opened_at', 'id'])
          .where('id', '=', after)
          .executeTakeFirst();
  return trx
    .selectFrom('operation.task')
    .selectAll()
    .where('realm', '=', 'live')
    .$if(state !== undefined, (tasks) => tasks.where('state', '=', state ?? 'open'))
    .$if(contactId !== undefined, (tasks) => tasks.where('contact_id', '=', contactId ?? ''))
    .$if(last !== undefined, (tasks) =>
      tasks.where((where) =>
        where(
          where.refTuple('opened_at', 'id'),
          '>',
          where.tuple(last?.opened_at ?? new Date(0), last?.id ?? ''),
        ),
      ),
    )
    .orderBy('opened_at')
    .orderBy('id')
    .limit(query.limit)
    .execute();
}

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
  const row = await trx.selectFrom('operation.task').selectAll().where('id', '=', taskId).executeTakeFirst();
  if (row === undefined) throw notFound('task', 'esa tarea');
  const person = await trx
    .selectFrom('core.person')
    .select(['name', 'national_id'])
    .where('id', '=', row.person_id)
    .executeTakeFirstOrThrow();
  const phones = await readPhones(trx, row.person_id);
  const debts = await currentDebts(trx, row.person_id, row.realm);
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
    call: await readCall(trx, row.attempt_id),
    agreement: await readAgreement(trx, row.contact_id),
  };
}

async function readCall(trx: Trx, attemptId: string | null) {
  if (attemptId === null) return null;
  const call = await trx
    .selectFrom('operation.call')
    .select(['outcome', 'summary', 'recording_url'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  return call ?? null;
}

async function readAgreement(trx: Trx, contactId: string) {
  const row = await trx
    .selectFrom('core.agreement')
    .select(['state', 'kind', 'total_micros', 'discount_micros', 'currency', 'made_at'])
    .where('contact_id', '=', contactId)
    .orderBy('made_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    state: row.state,
    kind: row.kind,
    total: presentMoney(row.total_micros, row.currency),
    discount: presentMoney(row.discount_micros, row.currency),
    made_at: row.made_at.toISOString(),
  };
}
