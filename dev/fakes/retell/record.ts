/**
 * The fake's memory: an append-only sequence of facts, in memory and, with a state file, as JSON lines. State is what
 * the facts add up to, so a restarted fake knows every POST and every call. A line is on disk before the answer that
 * it stands for leaves: a kill between the two looks like a real provider's 500 after the call was placed.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CreateRequest, FakeCall, PostAnswer, PostRecord, ToolCall, WebhookRecord } from './types.ts';
import { asJson, parseJson } from './validate.ts';

export type Fact =
  | { readonly fact: 'post'; readonly post: PostRecord }
  | {
      readonly fact: 'answered_post';
      readonly seq: number;
      readonly answer: PostAnswer;
      readonly fault?: string;
    }
  /** The call is to be placed later, without its connection. */
  | { readonly fact: 'postponed'; readonly seq: number; readonly postponed: Postponed }
  | { readonly fact: 'not_placed'; readonly seq: number }
  | { readonly fact: 'placed'; readonly call: FakeCall }
  | { readonly fact: 'picked_up'; readonly callId: string; readonly atMs: number }
  | { readonly fact: 'tool_called'; readonly callId: string; readonly tool: ToolCall }
  | { readonly fact: 'ended'; readonly callId: string; readonly atMs: number; readonly reason: string }
  | { readonly fact: 'transfer_ended'; readonly callId: string; readonly atMs: number }
  | { readonly fact: 'analysed'; readonly callId: string; readonly atMs: number }
  | { readonly fact: 'deleted'; readonly callId: string; readonly atMs: number }
  | { readonly fact: 'webhook'; readonly webhook: WebhookRecord };

export interface Postponed {
  readonly placeAtMs: number;
  readonly request: CreateRequest;
}

export interface RecordBook {
  readonly posts: ReadonlyMap<number, PostRecord>;
  readonly calls: ReadonlyMap<string, FakeCall>;
  readonly webhooks: readonly WebhookRecord[];
  /** Calls that are to be placed after their connection went away, by POST. */
  readonly postponed: ReadonlyMap<number, Postponed>;
  /** How many calls have been placed to a number. */
  placedTo(toNumber: string): number;
  nextSeq(): number;
  append(fact: Fact): void;
  /** Called after each fact. Returns the way to stop listening. */
  onChange(listener: () => void): () => void;
  /** Tells the listeners that something changed that is no fact. */
  notify(): void;
}

export function openRecordBook(stateFile: string | undefined): RecordBook {
  const state = emptyState();
  if (stateFile !== undefined) {
    mkdirSync(dirname(stateFile), { recursive: true });
    for (const fact of readFacts(stateFile)) apply(state, fact);
  }
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  return {
    posts: state.posts,
    calls: state.calls,
    webhooks: state.webhooks,
    postponed: state.postponed,
    placedTo: (toNumber) => state.placedTo.get(toNumber) ?? 0,
    nextSeq: () => state.posts.size + 1,
    append(fact) {
      if (stateFile !== undefined) appendFileSync(stateFile, `${JSON.stringify(fact)}\n`);
      apply(state, fact);
      notify();
    },
    notify,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface State {
  readonly posts: Map<number, PostRecord>;
  readonly calls: Map<string, FakeCall>;
  readonly webhooks: WebhookRecord[];
  readonly postponed: Map<number, Postponed>;
  readonly placedTo: Map<string, number>;
}

function emptyState(): State {
  return { posts: new Map(), calls: new Map(), webhooks: [], postponed: new Map(), placedTo: new Map() };
}

function apply(state: State, fact: Fact): void {
  switch (fact.fact) {
    case 'post':
      state.posts.set(fact.post.seq, fact.post);
      return;
    case 'answered_post':
      changePost(state, fact.seq, {
        answer: fact.answer,
        ...(fact.fault === undefined ? {} : { fault: fact.fault }),
      });
      return;
    case 'postponed':
      state.postponed.set(fact.seq, fact.postponed);
      changePost(state, fact.seq, { placeAtMs: fact.postponed.placeAtMs });
      return;
    case 'not_placed':
      state.postponed.delete(fact.seq);
      return;
    case 'placed':
      placeCall(state, fact.call);
      return;
    case 'picked_up':
      changeCall(state, fact.callId, { answeredAtMs: fact.atMs });
      return;
    case 'tool_called':
      changeTools(state, fact.callId, fact.tool);
      return;
    case 'ended':
      changeCall(state, fact.callId, { endedAtMs: fact.atMs, reason: fact.reason });
      return;
    case 'transfer_ended':
      changeCall(state, fact.callId, { transferEndedAtMs: fact.atMs });
      return;
    case 'analysed':
      changeCall(state, fact.callId, { analysedAtMs: fact.atMs });
      return;
    case 'deleted':
      changeCall(state, fact.callId, { deletedAtMs: fact.atMs });
      return;
    case 'webhook':
      settleWebhook(state, fact.webhook);
      return;
    default: {
      const unreachable: never = fact;
      throw new Error(`unknown fact ${JSON.stringify(unreachable)}`);
    }
  }
}

function placeCall(state: State, call: FakeCall): void {
  const to = call.request.to_number;
  state.calls.set(call.callId, call);
  state.postponed.delete(call.postSeq);
  state.placedTo.set(to, (state.placedTo.get(to) ?? 0) + 1);
  changePost(state, call.postSeq, { placed: true, callId: call.callId, placedAtMs: call.placedAtMs });
}

function settleWebhook(state: State, webhook: WebhookRecord): void {
  state.webhooks.push(webhook);
  const call = state.calls.get(webhook.callId);
  if (call !== undefined && !call.settledEvents.includes(webhook.event)) {
    changeCall(state, webhook.callId, { settledEvents: [...call.settledEvents, webhook.event] });
  }
}

function changePost(state: State, seq: number, change: Partial<PostRecord>): void {
  const post = state.posts.get(seq);
  if (post !== undefined) state.posts.set(seq, { ...post, ...change });
}

function changeCall(state: State, callId: string, change: Partial<FakeCall>): void {
  const call = state.calls.get(callId);
  if (call !== undefined) state.calls.set(callId, { ...call, ...change });
}

/** A tool call is written twice, before it is sent and with its result: the second replaces the first. */
function changeTools(state: State, callId: string, tool: ToolCall): void {
  const others = (state.calls.get(callId)?.toolCalls ?? []).filter((t) => t.toolCallId !== tool.toolCallId);
  changeCall(state, callId, { toolCalls: [...others, tool] });
}

/** The facts of the file. A last line torn by a kill is cut off: the fact was never answered for. */
function readFacts(stateFile: string): Fact[] {
  if (!existsSync(stateFile)) return [];
  const bytes = readFileSync(stateFile);
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  if (wholeBytes < bytes.length) truncateSync(stateFile, wholeBytes);
  const facts: Fact[] = [];
  for (const line of bytes.subarray(0, wholeBytes).toString('utf8').split('\n')) {
    const value = parseJson(line);
    // The cast is safe: only this file's `append` writes these lines.
    if (asJson(value)?.['fact'] !== undefined) facts.push(value as Fact);
  }
  return facts;
}
