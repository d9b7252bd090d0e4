import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { answerOf } from './answer-of.ts';

const importSchema = z.object({
  import_id: z.string().nullable(),
  state: z.enum(['waiting', 'reading', 'stored', 'failed', 'cancelled']).nullable(),
  already_imported: z.boolean(),
  use_case: z.string().nullable(),
  progress: z.object({
    bytes_total: z.number(),
    bytes_read: z.number(),
    rows_checked: z.number(),
    rows_stored: z.number(),
  }),
  failure: z.object({ message_es: z.string() }).nullable(),
  rows_read: z.number(),
  rows_good: z.number(),
  rows_refused: z.number(),
  contacts: z.number(),
  problems: z.array(
    z.object({
      sheet: z.string(),
      row: z.number(),
      column: z.string(),
      value: z.string(),
      severity: z.enum(['refused', 'notice']),
      message_es: z.string(),
    }),
  ),
  reading: z
    .object({
      sheet: z.string(),
      header_row: z.number(),
      columns: z.array(z.object({ header: z.string(), label: z.string() })),
      free_variables: z.array(z.object({ header: z.string(), variable: z.string() })),
      ignored_columns: z.array(z.string()),
      warnings: z.array(z.object({ es: z.string() })),
    })
    .nullable(),
});
const money = z.object({ amount: z.string(), unit: z.string() });
/** Of the answer to its making: the rest is asked for. */
const madeBatchSchema = z.object({ id: z.string() });
const batchSchema = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['running', 'paused', 'cancelled', 'finished']),
  state_es: z.string(),
  use_case_es: z.string(),
  pack_es: z.string(),
  policy_es: z.string(),
  progress: z.object({
    contacts: z.number(),
    closed: z.number(),
    to_come: z.number(),
    by_state: z.record(z.string(), z.number()),
    outcomes: z.array(z.object({ outcome_es: z.string(), contacts: z.number() })),
    next_call_at: z.string().nullable(),
    next_call_es: z.string().nullable(),
    lines_in_use: z.number(),
    attempts: z.number(),
    refusals: z.number(),
  }),
  cost: z.object({ charged: z.array(money), provider: money }),
  budget: z.object({ limit: money, spent: money, held: money, left: money }).nullable(),
});
const batchPageSchema = z.object({ batches: z.array(batchSchema), next_cursor: z.string().nullable() });
const termsSchema = z.object({
  pack: z.object({ key: z.string(), version: z.number() }),
  policy: z.object({ key: z.string(), version: z.number() }),
  zone: z.string(),
  first_call_at: z.string().nullable(),
  es: z.string(),
});
const accountSchema = z.object({
  name: z.string(),
  plan: z.string(),
  balances: z.array(z.object({ available: money, held: money, consumed: money })),
  /** Of the account of the key only. */
  suspended: z.object({ es: z.string() }).nullish(),
});
const taskPageSchema = z.object({
  tasks: z.array(z.object({ kind: z.string() })),
  next_cursor: z.string().nullable(),
});
const rehearsalSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'finished', 'failed']),
  contacts: z.number(),
  closed: z.number(),
  starts_at: z.string(),
  failure: z.string().nullable(),
  report: z.unknown().nullable(),
});
export type ImportAnswer = z.infer<typeof importSchema>;
export type RehearsalAnswer = z.infer<typeof rehearsalSchema>;
export type BatchAnswer = z.infer<typeof batchSchema>;
export type TermsAnswer = z.infer<typeof termsSchema>;
export type AccountAnswer = z.infer<typeof accountSchema>;

const pollMs = 500;

/** The public API as a customer calls it: the demo and `npm run upload` have no other way in. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /** Uploads a file and stays until it is stored. Throws when it is not. */
  async import(
    file: string,
    fields: Readonly<Record<string, string>>,
    onProgress: (soFar: ImportAnswer) => void = () => undefined,
  ): Promise<ImportAnswer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', await openAsBlob(file), basename(file));
    const headers = { prefer: 'wait=2' };
    let answer = importSchema.parse(await this.#send('POST', '/api/v1/imports', { body: form, headers }));
    while (answer.state === 'waiting' || answer.state === 'reading') {
      onProgress(answer);
      await sleep(pollMs);
      answer = importSchema.parse(await this.#send('GET', `/api/v1/imports/${answer.import_id}`, {}));
    }
    if (answer.failure !== null) throw new Error(answer.failure.message_es);
    if (answer.state === 'cancelled') throw new Error('La carga fue cancelada.');
    return answer;
  }

  async createBatch(batch: Readonly<Record<string, unknown>>): Promise<{ readonly id: string }> {
    return madeBatchSchema.parse(
      await this.#send('POST', '/api/v1/batches', {
        body: JSON.stringify(batch),
        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      }),
    );
  }

  async batch(id: string): Promise<BatchAnswer> {
    return batchSchema.parse(await this.#send('GET', `/api/v1/batches/${id}`, {}));
  }

  /** The newest ones first, a page after the other, `most` at most. `isWhole`: there are no more. */
  async batches(
    most: number,
  ): Promise<{ readonly batches: readonly BatchAnswer[]; readonly isWhole: boolean }> {
    const batches: BatchAnswer[] = [];
    let cursor: string | null = null;
    do {
      const page: z.infer<typeof batchPageSchema> = batchPageSchema.parse(
        await this.#send(
          'GET',
          `/api/v1/batches?${query({ limit: String(Math.min(50, most - batches.length)), cursor })}`,
          {},
        ),
      );
      batches.push(...page.batches);
      cursor = page.next_cursor;
    } while (cursor !== null && batches.length < most);
    return { batches, isWhole: cursor === null };
  }

  async account(): Promise<AccountAnswer> {
    return accountSchema.parse(await this.#send('GET', '/api/v1/account', {}));
  }

  /** The kinds of the tasks that are open, the oldest first, `most` at most. */
  async openTasks(most: number): Promise<{ readonly kinds: readonly string[]; readonly isWhole: boolean }> {
    const kinds: string[] = [];
    let cursor: string | null = null;
    do {
      const page: z.infer<typeof taskPageSchema> = taskPageSchema.parse(
        await this.#send('GET', `/api/v1/tasks?${query({ state: 'open', limit: '100', cursor })}`, {}),
      );
      kinds.push(...page.tasks.map(({ kind }) => kind));
      cursor = page.next_cursor;
    } while (cursor !== null && kinds.length < most);
    return { kinds, isWhole: cursor === null };
  }

  /** Under which rules a batch would be worked, and when its first call could be. */
  async terms(wanted: Readonly<Record<string, string | undefined>>): Promise<TermsAnswer> {
    return termsSchema.parse(await this.#send('GET', `/api/v1/terms?${query(wanted)}`, {}));
  }

  async startRehearsal(rehearsal: Readonly<Record<string, unknown>>): Promise<RehearsalAnswer> {
    return rehearsalSchema.parse(
      await this.#send('POST', '/api/v1/rehearsals', {
        body: JSON.stringify(rehearsal),
        headers: { 'content-type': 'application/json' },
      }),
    );
  }

  async rehearsal(id: string): Promise<RehearsalAnswer> {
    return rehearsalSchema.parse(await this.#send('GET', `/api/v1/rehearsals/${id}`, {}));
  }

  async #send(
    method: string,
    path: string,
    {
      body,
      headers,
    }: { readonly body?: string | FormData; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<unknown> {
    return answerOf(this.#url, path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    }).then((response) => response.json());
  }
}

/** What is not told is left out. */
function query(values: Readonly<Record<string, string | null | undefined>>): string {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== null) told.set(name, value);
  return told.toString();
}
