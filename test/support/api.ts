import { createHash, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { mercadoPagoAt } from '../../channels/mercadopago/mercado-pago.ts';
import { createApp } from '../../api/app.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { createDialActivity } from '../../activities/contact/dial.ts';
import { inAccount } from '../../db/client.ts';
import { dispatchRound } from '../../domain/lines/queries-dispatch.ts';
import { insertRequest } from '../../domain/lines/queries-lines.ts';
import { signBody } from '../../dev/fakes/retell/webhooks.ts';
import { createApiKey } from '../../domain/accounts/accounts.ts';
import type { PoolSettings } from '../../domain/lines/queries-pools.ts';
import { verifyRetellFunction } from '../../channels/retell/function.ts';
import { verifyRetellWebhook } from '../../channels/retell/webhook.ts';
import type { VoiceProvider, PlaceCallAnswer } from '../../domain/calls/voice-port.ts';
import { rutCheckDigit } from '../../domain/people/rules/national-id.ts';
import { createSecretBox, type SecretBox } from '../../outbound/secret-box.ts';
import { createOwnStore, type OwnStore, startReader } from './imports.ts';
import {
  createBatch,
  createWorld,
  type MadeBatch,
  newAccount,
  type NewPerson,
  usd,
  type World,
} from './world.ts';

export const webhookKey = 'key_of_the_tests';

export interface Customer {
  readonly accountId: string;
  readonly apiKey: string;
}

/** The API over a real database and a real Temporal, with two customers and an administrator. */
export interface ApiWorld {
  readonly world: World;
  readonly one: Customer;
  readonly other: Customer;
  readonly administrator: Customer;
  readonly app: ReturnType<typeof createApp>;
  /** What the reader of files has. The API has it by `appWith`. */
  readonly secrets: SecretBox;
  readonly store: OwnStore;
  /** The same API on other parts, e.g. a Temporal that does not answer. */
  appWith(changes: Partial<ApiDeps>): ReturnType<typeof createApp>;
  close(): Promise<void>;
}

export async function createApiWorld(pool: Partial<PoolSettings> = {}): Promise<ApiWorld> {
  const world = await createWorld(pool);
  const store = await createOwnStore();
  const secrets = createSecretBox(randomBytes(32).toString('base64'));
  const stopReader = startReader(world, store, secrets);
  const deps: ApiDeps = {
    app: world.app,
    store,
    temporal: world.temporal.client,
    skipping: world.skipping,
    taskQueue: world.taskQueue,
    voice: { concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }) },
    verifyWebhook: (rawBody, signature) => verifyRetellWebhook(rawBody, signature, webhookKey),
    verifyFunction: (rawBody, signature) => verifyRetellFunction(rawBody, signature, webhookKey),
    openPaymentProvider: mercadoPagoAt(undefined),
    logger: pino({ level: 'silent' }),
    nowMs: () => Date.now(),
  };
  const customer = async (accountId: string, role: 'account' | 'administrator'): Promise<Customer> => ({
    accountId,
    apiKey: await createApiKey(world.app, { accountId, label: role, role }),
  });
  return {
    world,
    one: await customer(world.accountId, 'account'),
    secrets,
    store,
    other: await customer(await newAccount(world.app, world.poolId, 5n * usd), 'account'),
    administrator: await customer(await newAccount(world.app, world.poolId, 0n), 'administrator'),
    app: createApp(deps),
    appWith: (changes) => createApp({ ...deps, ...changes }),
    async close() {
      await stopReader();
      await store.close();
      await world.close();
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  /** Undefined when the answer is no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  readonly as?: Customer;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** One request, as a customer sends it. */
export async function ask(
  app: ApiWorld['app'],
  method: string,
  path: string,
  { as, json, form, key, headers = {}, text }: Ask = {},
): Promise<Reply> {
  const body = form ?? text ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await app.request(path, {
    method,
    headers: {
      ...(as === undefined ? {} : { authorization: `Bearer ${as.apiKey}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const type = response.headers.get('content-type');
  const answer: unknown = type?.includes('json') === true ? await response.json() : {};
  return { status: response.status, type, headers: response.headers, body: objectOf(answer) };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** A text of an answer; the test fails where there is none. */
export function textOf(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string')
    throw new Error(`the answer has no text "${field}": ${JSON.stringify(body)}`);
  return value;
}

/** An upload of invented debtors; `seed` makes its people other people than any other seed's. */
export function debtorsForm(
  people: number,
  seed: string,
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const lines = Array.from({ length: people }, (_, index) => {
    const hash = createHash('sha256').update(`${seed}/${index}`).digest();
    const body = 10_000_000 + (hash.readUInt32BE(0) % 9_000_000);
    const phone = `+569${61_000_000 + (hash.readUInt32BE(4) % 8_000_000)}`;
    return `${body}-${rutCheckDigit(body)};Persona Inventada ${index + 1};${phone};104050;01-10-2026;Banco Inventado`;
  });
  const csv = ['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA', ...lines].join('\n');
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new File([csv], `${seed}.csv`, { type: 'text/csv' }));
  return form;
}

/** Imports invented debtors of the first customer; returns the import's id. */
export async function uploadDebtors(api: ApiWorld, seed: string, people: number): Promise<string> {
  const reply = await ask(api.app, 'POST', '/api/v1/imports', {
    as: api.one,
    form: debtorsForm(people, seed),
  });
  if (reply.status !== 201) throw new Error(`the import was refused: ${JSON.stringify(reply.body)}`);
  return textOf(reply.body, 'import_id');
}

export interface Dialled {
  readonly batch: MadeBatch;
  readonly contactId: string;
  readonly attemptId: string;
  readonly callId: string;
}

/** A live contact whose phone rings at the provider: gate, attempt row and placed call are the product's own. */
export async function dialOne(
  world: World,
  accountId: string,
  person: NewPerson = {},
  negotiation?: string,
  /** What the provider answers. Default: it places the call. */
  answered?: PlaceCallAnswer,
  /** Which of the person's phones. Default: the first. */
  phone = 0,
): Promise<Dialled> {
  const batch = await createBatch(world, {
    accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: [person],
    openedAt: new Date(),
    ...(negotiation === undefined ? {} : { negotiation }),
  });
  const [made] = batch.contacts;
  if (made === undefined) throw new Error('the batch has no contact');
  const { contactId } = made;
  const requestId = `${contactId}:1:1`;
  const nowMs = Date.now();
  const slot = {
    key: 'ola-1',
    opensAtMs: nowMs - 1_000,
    closesAtMs: nowMs + 60_000,
    localDay: '',
    label: 'ola 1',
  };
  await inAccount(world.app, accountId, (trx) =>
    insertRequest(trx, {
      id: requestId,
      accountId,
      poolId: world.poolId,
      batchId: batch.batchId,
      contactId,
      waveKey: slot.key,
      priority: 1,
      eligibleAtMs: slot.opensAtMs,
      deadlineAtMs: slot.closesAtMs,
    }),
  );
  const { granted } = await world.system.transaction().execute((trx) =>
    dispatchRound(trx, {
      poolId: world.poolId,
      at: new Date(),
      grantMs: 30_000,
      onlyRequestId: null,
      worstCaseSeconds: () => Promise.resolve(60),
    }),
  );
  const attemptId = granted.find((grant) => grant.requestId === requestId)?.leaseId;
  const phoneId = made.phones[phone];
  if (attemptId === undefined || phoneId === undefined) throw new Error('no line was granted');
  const callId = `call_${attemptId}`;
  const voice: VoiceProvider = {
    placeCall: () => Promise.resolve(answered ?? { kind: 'placed', providerCallId: callId }),
    findCallByAttempt: () => Promise.resolve(undefined),
    getCall: () => Promise.resolve(undefined),
    stopCall: () => Promise.resolve(),
    concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
  };
  const { dial } = createDialActivity({ app: world.app, system: world.system, voice });
  const projection = { state: 'calling' as const, waitingFor: 'En llamada', attempts: 1, nextAtMs: null };
  const answer = await dial({
    accountId,
    batchId: batch.batchId,
    contactId,
    run: 1,
    mode: 'live',
    nowMs,
    attemptId,
    requestId,
    phoneId,
    slot,
    number: 1,
    rescheduled: false,
    projection,
  });
  const kinds = answer.deliveries.map(({ fact }) => fact.type);
  if (answered === undefined && !kinds.includes('DialPlaced'))
    throw new Error(`the dial came to ${kinds.join()}`);
  return { batch, contactId, attemptId, callId };
}

/** One in-call function, as the provider would send it for this call. */
export function functionBody(
  accountId: string,
  call: Dialled,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): string {
  return JSON.stringify({
    name,
    args,
    call: {
      call_id: call.callId,
      call_status: 'ongoing',
      metadata: { attempt_id: call.attemptId, account_id: accountId, ...metadata },
    },
  });
}

export interface EventOptions {
  readonly accountId: string;
  readonly call: Dialled;
  readonly event?: string;
  /** Fields of the call object that differ. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** The body of an event of a call that was answered and brought a promise. */
export function eventBody({ accountId, call, event = 'call_analyzed', fields = {} }: EventOptions): string {
  const endedAtMs = Date.now();
  return JSON.stringify({
    event,
    call: {
      call_id: call.callId,
      call_status: 'ended',
      metadata: {
        attempt_id: call.attemptId,
        account_id: accountId,
        contact_id: call.contactId,
        batch_id: call.batch.batchId,
      },
      start_timestamp: endedAtMs - 61_000,
      end_timestamp: endedAtMs,
      duration_ms: 61_000,
      disconnection_reason: 'user_hangup',
      transcript: 'Agent: Buenas tardes.\nUser: Pago el viernes.',
      transcript_object: [
        {
          role: 'agent',
          content: 'Buenas tardes.',
          words: [
            { word: 'Buenas', start: 0.5, end: 1 },
            { word: 'tardes.', start: 1, end: 1.5 },
          ],
        },
        { role: 'user', content: 'Pago el viernes.', words: [{ word: 'Pago', start: 2, end: 2.25 }] },
      ],
      recording_url: 'https://retell.invalid/one.wav',
      call_cost: {
        combined_cost: 16.68,
        total_duration_seconds: 61,
        product_costs: [{ product: 'tts', cost: 16.68 }],
      },
      ...(event === 'call_analyzed'
        ? {
            call_analysis: {
              call_summary: 'Promete pagar.',
              user_sentiment: 'Positive',
              call_successful: true,
              in_voicemail: false,
              custom_analysis_data: {},
            },
          }
        : {}),
      ...fields,
    },
  });
}

export function signed(body: string, atMs: number = Date.now()): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', 'x-retell-signature': signBody(body, webhookKey, atMs) };
}
