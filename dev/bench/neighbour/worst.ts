import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { listenOn } from '../../listen.ts';

export interface WorstOptions {
  readonly apiUrl: string;
  readonly apiKey: string;
  /** Excel files; each is sent again and again, as four at once. */
  readonly file: string;
  /** A small file of people whom rehearsals live. */
  readonly people: string;
}

/** What the API answered, by status: that it was asked at all. */
export type Answers = Readonly<Record<string, number>>;

const idSchema = z.object({ id: z.string() });
const importSchema = z.object({ import_id: z.string() });

/**
 * A customer that does its worst, all at once and until it is stopped: webhook receivers that never answer, a tool whose schema never
 * ends, rehearsals by the hundred, four uploads at once, and a key that is none. Answers what it was told.
 */
export async function startWorst({ apiUrl, apiKey, file, people }: WorstOptions) {
  const receiver = await listenOn(() => new Promise<Response>(() => undefined), 0);
  const tools = await listenOn(hostileTools(), 0);
  const stop = new AbortController();
  const answers: Record<string, number> = {};
  const call = async (method: string, path: string, body?: FormData | object, key = apiKey) => {
    const headers = new Headers({ authorization: `Bearer ${key}` });
    if (body !== undefined && !(body instanceof FormData)) headers.set('content-type', 'application/json');
    if (body instanceof FormData) headers.set('prefer', 'respond-async');
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers,
      signal: stop.signal,
      body: body === undefined || body instanceof FormData ? (body ?? null) : JSON.stringify(body),
    });
    const kind = `${path.split('/')[3] ?? ''} ${response.status}`;
    answers[kind] = (answers[kind] ?? 0) + 1;
    return response.json().catch(() => ({}));
  };
  const over = (error: unknown): void => {
    if (!stop.signal.aborted) throw error;
  };
  const again = async (pauseMs: number, what: (turn: number) => Promise<unknown>): Promise<void> => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await what(turn).catch(over);
      await sleep(pauseMs, undefined, { signal: stop.signal }).catch(over);
    }
  };
  const form = (bytes: Uint8Array<ArrayBuffer>, name: string, extra: string): FormData => {
    const sent = new FormData();
    // Other bytes each time: the same ones would be one import.
    sent.append('file', new File([bytes, extra], name));
    return sent;
  };
  const [large, small] = [new Uint8Array(await readFile(file)), new Uint8Array(await readFile(people))];
  const made = async <T>(schema: z.ZodType<T>, answer: Promise<unknown>): Promise<T> => {
    const body = await answer;
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new Error(`it could not begin: ${JSON.stringify(body)}`);
    return parsed.data;
  };
  const endpoint = await made(idSchema, call('POST', '/api/v1/webhook-endpoints', { url: receiver.url }));
  const server = await made(
    idSchema,
    call('POST', '/api/v1/mcp-servers', { name: 'hostil', url: tools.url, timeout_ms: 15_000 }),
  );
  const { import_id } = await made(
    importSchema,
    call('POST', '/api/v1/imports', form(small, 'personas.csv', '')),
  );
  const loops = [
    ...[0, 1, 2, 3].map((lane) =>
      again(100, (turn) => call('POST', '/api/v1/imports', form(large, 'a.csv', `\n;;;;;${lane}-${turn}`))),
    ),
    ...Array.from({ length: 4 }, () =>
      again(20, () => call('GET', '/api/v1/batches', undefined, 'tandas_wrong')),
    ),
    ...Array.from({ length: 100 }, (_, number) =>
      again(2_000, () => call('POST', '/api/v1/rehearsals', { import_id, pack: 'demo', seed: `s${number}` })),
    ),
    again(500, () => call('POST', `/api/v1/webhook-endpoints/${endpoint.id}/test`, {})),
    again(100, () =>
      call('PUT', '/api/v1/tool-bindings/send_payment_link', {
        server: server.id,
        tool: 'sin-fin',
        arguments: { fono: `${'a'.repeat(60)}!` },
      }),
    ),
  ];
  return {
    async stop(): Promise<Answers> {
      stop.abort();
      await Promise.all(loops);
      await Promise.all([receiver.close(), tools.close()]);
      return answers;
    },
  };
}

function hostileTools(): (request: Request) => Promise<Response> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'hostil', version: '1.0.0' });
    const fono = { type: 'string', pattern: '^(a+)+$' } as const;
    const inputSchema = fromJsonSchema({ type: 'object', properties: { fono }, required: ['fono'] });
    server.registerTool('sin-fin', { inputSchema }, () => ({ content: [{ type: 'text', text: 'no' }] }));
    return server;
  });
  return (request) => handler.fetch(request);
}
