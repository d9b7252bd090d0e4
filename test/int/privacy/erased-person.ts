import { sql } from 'kysely';
import type { Database } from '../../../db/client.ts';
import { followLink } from '../../../domain/payments/follow-link.ts';
import { receiveStatus } from '../../../domain/messages/receive-status.ts';
import { recordPayment } from '../../../domain/payments/payments.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { createEndpoint } from '../../../domain/integrations/webhook-endpoints.ts';
import { erasedColumns } from '../../../domain/privacy/rules/erased-columns.ts';
import type { TableVerdict } from '../../../domain/privacy/rules/erased-verdict.ts';
import { ask, type Dialled, dialOne, eventBody, signed, textOf } from '../../support/api.ts';
import { nameRut } from '../../support/debts.ts';
import { talkAndStop, writeRehearsal } from '../../support/every-table.ts';
import { createDebtor, type Debtor, type MessageWorld, sendInput } from '../../support/messages.ts';
import { createBatch } from '../../support/world.ts';

/** Whom nothing may tell of afterwards. */
export const planted = {
  rut: '12345678-5',
  phone: '+56961234321',
  name: 'Zoraida Quintanilla Plantada',
  email: 'zoraida@plantada.cl',
} as const;

/** As a file spells them. */
export const file = [
  'RUT;NOMBRE;TELEFONO;TELEFONO2;MONTO;FECHA_VENC;EMPRESA',
  // A cell that is not spelled as anything of hers, and that the import quotes.
  `12.345.678-5;${planted.name};961234321;96l-malescrito;1000;01-10-2027;Banco Uno`,
  `7654321-6;Eva Otra;961239999;;1000;01-10-2027;Banco Uno`,
  `12.345.678-5;${planted.name};961234321;;no;01-10-2027;Banco Uno`,
].join('\n');

export async function upload(world: MessageWorld, text: string, name: string, key?: string) {
  const form = new FormData();
  form.set('file', new File([text], name));
  form.set('again', 'true');
  const as = world.api.one;
  return ask(world.app, 'POST', '/api/v1/imports', { as, form, ...(key === undefined ? {} : { key }) });
}

export interface Lived {
  /** A file of which no batch was made yet. */
  readonly waiting: string;
  readonly debtor: Debtor;
  readonly dialled: Dialled;
  readonly rehearsed: string;
}

/** A person with all that the product writes of one: files, a call, a message with its link, a payment, tasks, a rehearsal. */
export async function liveOne(world: MessageWorld): Promise<Lived> {
  const { accountId, inside, api } = world;
  const debtor = await createDebtor(world);
  const { personId } = debtor;
  await nameRut(api.world, personId, planted.rut);
  await sql`update core.person set name = ${planted.name} where id = ${personId}`.execute(api.world.owner);
  await sql`update core.phone set e164 = ${planted.phone} where person_id = ${personId}`.execute(
    api.world.owner,
  );
  await inside(async (trx) => {
    const url = 'http://127.0.0.1:9/hooks';
    const endpoint = { accountId, actor: 'test', url, description: '', eventTypes: [] };
    await createEndpoint(trx, { secrets: world.secrets, targets: { allowPrivate: true } }, endpoint);
  });
  await sendPaymentLink({ app: api.world.app, actions: world.actions }, sendInput(world, debtor));
  const { code } = await inside((trx) =>
    trx.selectFrom('core.payment_link').select('code').executeTakeFirstOrThrow(),
  );
  await followLink(api.world.app, code, true);
  await inside((trx) =>
    recordPayment(trx, {
      accountId,
      personId,
      externalId: `pago de ${planted.rut}`,
      source: 'api',
      kind: 'payment',
      amountMicros: 1_000_000n,
      currency: 'CLP',
      paidAt: new Date(),
      reference: planted.name,
    }),
  );
  const stored = await upload(world, file, `${planted.name}.csv`, `carga-de-${planted.rut}`);
  const importId = textOf(stored.body, 'import_id');
  const json = { import_id: importId, name: `Caso ${planted.name}`, pack: 'demo', policy: 'demo' };
  await ask(world.app, 'POST', '/api/v1/batches', { as: api.one, json });
  const dialled = await dialOne(api.world, accountId, { personId });
  await talkAndStop(world, dialled);
  await writeRehearsal(world, importId);
  const { contactId } = dialled;
  await sql`
    insert into operation.refusal (account_id, batch_id, contact_id, wave_key, reason, rule, at)
    values (${accountId}, ${dialled.batch.batchId}, ${contactId}, 'w', 'no_line', 'r', now())`.execute(
    api.world.owner,
  );
  await sql`
    insert into operation.tool_call (id, account_id, purpose, subject, server_name, tool, arguments, idempotency_key,
                                     started_at, deadline_at, outcome)
    values (gen_random_uuid(), ${accountId}, 'send_payment_link', ${contactId}, 's', 't', '{}', 'k', now(), now(), 'pending')`.execute(
    api.world.owner,
  );
  await sql`
    update operation.outbox set delivered_at = now() where contact_id = ${contactId}`.execute(
    api.world.owner,
  );
  const waiting = textOf((await upload(world, file, 'pendiente.csv')).body, 'import_id');
  return { waiting, debtor, dialled, rehearsed: await rehearse(world) };
}

/** The same person, as a rehearsal copies them into its own account. */
async function rehearse(world: MessageWorld): Promise<string> {
  const { owner } = world.api.world;
  const { id } = await owner
    .selectFrom('operation.rehearsal')
    .select('rehearsal_account_id as id')
    .executeTakeFirstOrThrow();
  const accountId = id ?? '';
  const { contacts } = await createBatch(world.api.world, {
    accountId,
    people: [{ phones: [planted.phone] }],
  });
  const personId = contacts[0]?.personId ?? '';
  await nameRut(world.api.world, personId, planted.rut);
  await sql`update core.person set name = ${planted.name} where id = ${personId}`.execute(owner);
  return personId;
}

/** The call ends, and the provider tells what was said. */
export async function endCall(
  world: MessageWorld,
  call: Dialled,
  event: 'call_analyzed' | 'call_ended' = 'call_analyzed',
): Promise<void> {
  const { accountId } = world;
  const text = eventBody({
    accountId,
    call,
    event,
    fields: {
      to_number: planted.phone,
      transcript: `Agent: ¿Hablo con ${planted.name}?\nUser: Sí, mi RUT es ${planted.rut}.`,
      call_analysis: {
        call_summary: `${planted.name} promete pagar.`,
        user_sentiment: 'Positive',
        call_successful: true,
        in_voicemail: false,
        custom_analysis_data: { quien: planted.name },
      },
    },
  });
  const told = await ask(world.app, 'POST', `/api/v1/webhooks/retell/${accountId}`, {
    text,
    headers: signed(text),
  });
  if (told.status !== 200) throw new Error(`the webhook was refused: ${JSON.stringify(told.body)}`);
}

/** Writes the person into every column that a person may be in, of their rows; answers the tables without one. */
export async function plantEverywhere(world: MessageWorld, personId: string): Promise<readonly string[]> {
  const { owner } = world.api.world;
  const empty: string[] = [];
  const own: Readonly<Record<string, string>> = {
    person: 'person_id = $p',
    own_contact: 'person_id = $p',
    contact: 'contact_id in (select id from core.contact where person_id = $p)',
    attempt: 'attempt_id in (select id from operation.attempt where person_id = $p)',
    message: 'message_id in (select id from operation.message where person_id = $p)',
    agreement: 'agreement_id in (select id from core.agreement where person_id = $p)',
    event: 'event_id in (select id from operation.event where subject = $p::text)',
    subject: '(subject = $p::text or subject in (select id::text from core.contact where person_id = $p))',
    provider: "provider = 'retell'",
    request: 'person_id = $p',
    delivered:
      'contact_id in (select id from core.contact where person_id = $p) and delivered_at is not null',
  };
  const says = `dice ${planted.name}, ${planted.rut}, ${planted.phone}`;
  for (const verdict of erasedColumns) {
    const columns = plantable(verdict);
    if (columns.length === 0) continue;
    const { table, rows } = verdict;
    const where = (rows === undefined ? 'account_id = $a' : (own[rows] ?? ''))
      .replaceAll('$p', `'${personId}'::uuid`)
      .replaceAll('$a', `'${world.accountId}'::uuid`);
    if (where === '') continue;
    const { rows: types } = await sql<{ name: string; json: boolean }>`
      select attname as name, atttypid = 'jsonb'::regtype as json from pg_attribute
       where attrelid = ${table}::regclass`.execute(owner);
    const isJson = new Map(types.map(({ name, json }) => [name, json]));
    const set = columns.map((column) =>
      isJson.get(column) === true
        ? sql`${sql.id(column)} = ${JSON.stringify({ says })}::jsonb`
        : sql`${sql.id(column)} = ${says}`,
    );
    const changed =
      await sql`update ${sql.table(table)} set ${sql.join(set)} where ${sql.raw(where)}`.execute(owner);
    if ((changed.numAffectedRows ?? 0n) === 0n) empty.push(table);
  }
  return empty;
}

/** Keys and lists have forms of their own, which the product writes itself. */
function plantable({ table, gone = {}, parts = [] }: TableVerdict): readonly string[] {
  const own = [
    'core.person',
    'core.phone',
    'core.import_row',
    'core.import_remarked_row',
    'core.do_not_contact',
  ];
  if (own.includes(table)) return [];
  const formed = [
    'dedupe_key',
    'provider_call_id',
    'national_id',
    'args_hash',
    'request_hash',
    'value',
    'response',
    'result',
    'provider_message_id',
  ];
  const notHere = table === 'core.import' || table === 'core.table_file' ? ['problems'] : [];
  // An extension that was never given has no reason, nor an open request an answer.
  const nullable = table === 'core.privacy_request' ? ['extension_reason', 'answer_text'] : [];
  return [...Object.keys(gone), ...parts].filter(
    (column) => ![...formed, ...notHere, ...nullable].includes(column),
  );
}

/** Where the person still is: every text and JSON of every table. */
export const foundIn = (world: MessageWorld): Promise<readonly string[]> =>
  foundInDatabase(
    world.api.world.owner,
    '12\\.?345\\.?678-?5|961234321|zoraida|quintanilla|plantada|malescrito',
  );

/** Texts, JSON and bytes of every table that the expression finds, with their column. */
export async function foundInDatabase(owner: Database, looksFor: string): Promise<readonly string[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select n.nspname || '.' || c.relname as "table", a.attname as "column"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname in ('catalogue', 'core', 'operation', 'identity', 'public') and c.relkind in ('r', 'p')
       and not c.relispartition
       and format_type(a.atttypid, null) in ('text', 'jsonb', 'text[]', 'character varying', 'bytea', 'json')`.execute(
    owner,
  );
  const found: string[] = [];
  for (const { table, column } of columns) {
    const { rows } = await sql<{ text: string }>`
      select ${sql.ref(column)}::text as text from ${sql.table(table)}
       where ${sql.ref(column)}::text ~* ${looksFor} limit 3`.execute(owner);
    found.push(...rows.map(({ text }) => `${table}.${column}: ${text.slice(0, 120)}`));
  }
  return found;
}

/** WhatsApp tells that a message was read, when its person is erased. */
export async function deliverStatus(world: MessageWorld): Promise<void> {
  const { id } = await world.api.world.owner
    .selectFrom('operation.message')
    .select('id')
    .executeTakeFirstOrThrow();
  await receiveStatus(world.api.world.app, world.accountId, {
    providerMessageId: `wamid.${planted.phone}`,
    callbackData: id,
    status: 'read',
    atMs: Date.now(),
    code: undefined,
    failureClass: undefined,
    fault: null,
    detail: undefined,
  });
}
