import {
  Client,
  type jsonSchemaValidator,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { Fetch } from '../../outbound/guarded-fetch.ts';
import { type ChannelFault, faultOfStatus } from '../shared/rules/channel-faults.ts';

/** One MCP server of an account, ready to be asked. */
export interface ToolServer {
  readonly url: string;
  readonly bearer: string | undefined;
  /** Guarded for addresses that accounts typed; the platform's own for our bundled server. */
  readonly fetch: Fetch;
}

export interface ToolDescription {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export type ToolAnswer =
  | { readonly kind: 'done'; readonly result: Readonly<Record<string, unknown>> }
  /** The tool ran and says no. */
  | { readonly kind: 'refused'; readonly detail: string; readonly result: Readonly<Record<string, unknown>> }
  /** The call never left, or the server refused it before running anything. */
  | { readonly kind: 'failed'; readonly detail: string; readonly fault: ChannelFault }
  /** It left, and nobody said what became of it. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly fault: ChannelFault };

export interface ToolRequest {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In `_meta`, for servers that do things once a key. */
  readonly idempotencyKey: string;
  /** Connecting and calling together end here. */
  readonly signal: AbortSignal;
}

const clientInfo = { name: 'tandas', version: '0.3.0' };
/** What a tool says is kept, and read by people: a megabyte of it helps nobody. */
const longestDetail = 500;
/** Of all answers of one connection together: what a server says is held in memory beside everybody's calls. */
const mostBytes = 2 * 1024 * 1024;

/** Calls one tool, once: nothing here or below it repeats a call that has left. */
export async function callTool(server: ToolServer, request: ToolRequest): Promise<ToolAnswer> {
  const call = watchCall(server.fetch);
  try {
    return await withClient({ ...server, fetch: call.fetch }, request.signal, async (client) => {
      const result: unknown = await client.callTool(
        {
          name: request.tool,
          arguments: { ...request.arguments },
          _meta: { 'tandas/idempotency-key': request.idempotencyKey },
        },
        { signal: request.signal, timeout: 120_000 },
      );
      return readResult(result);
    });
  } catch (error) {
    const detail = `${error instanceof Error ? error.message : String(error)}`.slice(0, longestDetail);
    return call.mayHaveRun() && !isRefusedByProtocol(error)
      ? { kind: 'unknown', detail, fault: call.fault() ?? 'no_answer' }
      : { kind: 'failed', detail, fault: call.fault() ?? 'refused' };
  }
}

/** The server's tools. Throws when it does not answer. */
export async function listTools(
  server: ToolServer,
  signal: AbortSignal,
): Promise<readonly ToolDescription[]> {
  return withClient(server, signal, async (client) => {
    const { tools } = await client.listTools(undefined, { signal });
    return tools.map(({ name, description = '', inputSchema }) => ({ name, description, inputSchema }));
  });
}

/** A tool's promise about its answers is not checked here: its schema is somebody else's, and would run in this thread. */
const takesEveryAnswer: jsonSchemaValidator = {
  getValidator: <T>() => {
    const isAnswer = (answer: unknown): answer is T => answer !== undefined;
    return (answer) =>
      isAnswer(answer)
        ? { valid: true, data: answer, errorMessage: undefined }
        : { valid: false, data: undefined, errorMessage: 'no answer' };
  },
};

async function withClient<T>(
  server: ToolServer,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  // `auto`: servers of the 2026 revision are asked without a session, older ones after their handshake.
  const client = new Client(clientInfo, {
    versionNegotiation: { mode: 'auto' },
    jsonSchemaValidator: takesEveryAnswer,
  });
  const budget = { left: mostBytes };
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    fetch: async (url, init) => {
      const own = init?.signal;
      const response = await server.fetch(url, {
        ...init,
        signal: own === undefined || own === null ? signal : AbortSignal.any([own, signal]),
      });
      return bounded(response, budget);
    },
    ...(server.bearer === undefined
      ? {}
      : { requestInit: { headers: { authorization: `Bearer ${server.bearer}` } } }),
    // A stream that breaks would be resumed, and with it a call whose time is over.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
    },
    onInsufficientScope: 'throw',
  });
  try {
    await client.connect(transport, { signal });
    return await work(client);
  } finally {
    // Closing may wait for a server that does not answer.
    void client.close().catch(() => undefined);
  }
}

/** The same answer; reading more of it than is left of the budget fails. */
function bounded(response: Response, budget: { left: number }): Response {
  if (response.body === null) return response;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        budget.left -= chunk.byteLength;
        if (budget.left < 0) controller.error(new Error('the MCP server answers more than 2 MB'));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted, { status: response.status, headers: response.headers });
}

/** Failures in which nothing can have left. */
const neverLeft = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Watches for the one request that matters, and refuses to send it a second time. */
function watchCall(fetch: Fetch): {
  readonly fetch: Fetch;
  mayHaveRun(): boolean;
  /** Of the last request; undefined: the server answered it. */
  fault(): ChannelFault | undefined;
} {
  let left = false;
  let provenNot = false;
  let fault: ChannelFault | undefined;
  const seen: Fetch = async (input, init) => {
    try {
      const response = await fetch(input, init);
      // A stream that a server does not offer is no failure of it.
      if (init?.method === 'POST') fault = response.ok ? undefined : faultOfStatus(response.status);
      return response;
    } catch (error) {
      fault = isNeverLeft(error) ? 'unreachable' : 'no_answer';
      throw error;
    }
  };
  return {
    mayHaveRun: () => left && !provenNot,
    fault: () => fault,
    async fetch(input, init) {
      if (!isToolCall(init?.body)) return seen(input, init);
      if (left) throw new Error('the SDK would have called the tool a second time');
      left = true;
      try {
        const response = await seen(input, init);
        // Refused at the door: no tool has run.
        provenNot = response.status >= 400 && response.status < 500;
        return response;
      } catch (error) {
        provenNot = isNeverLeft(error);
        throw error;
      }
    },
  };
}

function isToolCall(body: unknown): boolean {
  return typeof body === 'string' && /"method"\s*:\s*"tools\/call"/.test(body);
}

function isNeverLeft(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TargetRefused') return true;
  const code: unknown = Reflect.get(error.cause instanceof Error ? error.cause : error, 'code');
  return typeof code === 'string' && neverLeft.has(code);
}

/** JSON-RPC's own refusals: no such method, no such tool, arguments that do not fit. */
const refusalCodes: readonly unknown[] = [-32_700, -32_600, -32_601, -32_602];

function isRefusedByProtocol(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ProtocolError' &&
    refusalCodes.includes(Reflect.get(error, 'code')) &&
    // The client's own, after the tool has run: its result does not fit what it promised.
    !/structured content|output schema/i.test(error.message)
  );
}

function readResult(result: unknown): ToolAnswer {
  const structured = get(result, 'structuredContent');
  const text = textOf(get(result, 'content'));
  const kept =
    typeof structured === 'object' && structured !== null
      ? Object.fromEntries(Object.entries(structured))
      : (asObject(text) ?? { text: text.slice(0, 4_000) });
  if (get(result, 'isError') === true) {
    return { kind: 'refused', detail: text.slice(0, longestDetail), result: kept };
  }
  return { kind: 'done', result: kept };
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part: unknown) => {
      const text = get(part, 'text');
      return typeof text === 'string' ? [text] : [];
    })
    .join('\n');
}

/** Servers of older revisions put their object into a text. */
function asObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}
