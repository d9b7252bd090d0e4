import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

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
const batchSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'paused', 'cancelled', 'finished']),
  progress: z.object({
    contacts: z.number(),
    closed: z.number(),
    to_come: z.number(),
    by_state: z.record(z.string(), z.number()),
    by_outcome: z.record(z.string(), z.number()),
    lines_in_use: z.number(),
    attempts: z.number(),
    refusals: z.number(),
  }),
  cost: z.object({ charged: z.array(money), provider: money }),
});
const rehearsalSchema = z.object({
  id: z.string(),
  state: z.enum(['running', 'finished', 'failed']),
  contacts: z.number(),
  closed: z.number(),
  failure: z.string().nullable(),
  report: z.unknown().nullable(),
});
const problemSchema = z.object({
  title: z.string(),
  detail: z.string().optional(),
  detail_es: z.string().optional(),
});

export type ImportAnswer = z.infer<typeof importSchema>;
export type RehearsalAnswer = z.infer<typeof rehearsalSchema>;
export type BatchAnswer = z.infer<typeof batchSchema>;

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

  async createBatch(batch: Readonly<Record<string, unknown>>): Promise<BatchAnswer> {
    return batchSchema.parse(
      await this.#send('POST', '/api/v1/batches', {
        body: JSON.stringify(batch),
        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
      }),
    );
  }

  async batch(id: string): Promise<BatchAnswer> {
    return batchSchema.parse(await this.#send('GET', `/api/v1/batches/${id}`, {}));
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
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const problem = problemSchema.safeParse(answer);
    const words = problem.success
      ? (problem.data.detail_es ?? problem.data.detail ?? problem.data.title)
      : '';
    throw new Error(`${method} ${path}: ${response.status} ${words}`);
  }
}
