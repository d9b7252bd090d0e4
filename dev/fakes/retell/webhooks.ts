/**
 * Outgoing requests of the provider: webhooks with retries, and in-call functions. Both are signed with the API key
 * over the raw body and the instant, as Retell does. Events are triggered in order and do not wait for each other, so
 * that they can overtake one another (facts/voice.md §1.6).
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults } from './faults.ts';
import type { Settings } from './options.ts';
import { presentForEvent, textIn, TRANSFER_DESTINATION } from './present.ts';
import { draw } from './random.ts';
import type { RecordBook } from './record.ts';
import type { FakeCall, Json, WebhookResult } from './types.ts';

export interface Outbound {
  /** Triggers an event's webhook; never waits for it. */
  send(callId: string, event: string): void;
  /** Sends again what a stopped fake had not settled. */
  resendOwed(): void;
  /** POSTs a signed body to a function; undefined when it does not answer in time. */
  callFunction(url: string, body: Json): Promise<FunctionAnswer | undefined>;
  /** Every event that has been triggered is settled, with all its copies. */
  isSettled(): boolean;
}

export interface FunctionAnswer {
  readonly ok: boolean;
  readonly text: string;
}

interface Deps {
  readonly settings: Settings;
  readonly book: RecordBook;
  readonly faults: Faults;
  /** Aborted when the fake stops: what is on its way then is owed, not failed. */
  readonly stopping: AbortSignal;
}

type Try = number | 'timeout' | 'unreachable';

const DEFAULT_DELAY_MS = 5000;
const FUNCTION_TIMEOUT_MS = 10_000;
/** Retell cuts a function's result here. */
const MAX_RESULT_CHARS = 15_000;

/** `v=<unix ms>,d=<hex>`: HMAC-SHA256 of body and instant; written by hand so that `Retell.verify` is a real check. */
export function signBody(body: string, apiKey: string, atMs: number = Date.now()): string {
  const digest = createHmac('sha256', apiKey)
    .update(body + String(atMs))
    .digest('hex');
  return `v=${String(atMs)},d=${digest}`;
}

export function fillUrl(template: string, metadata: Json | undefined): string {
  return template.replaceAll('{account_id}', encodeURIComponent(textIn(metadata, 'account_id') ?? 'unknown'));
}

export function createOutbound(deps: Deps): Outbound {
  const { settings, book, stopping } = deps;
  let pending = 0;

  function send(callId: string, event: string): void {
    const call = book.calls.get(callId);
    if (call === undefined) return;
    const template = call.request.webhook_url ?? settings.webhookUrl;
    if (template === undefined || isLost(deps, call, event)) {
      settle(callId, event, 0, 'lost', []);
      return;
    }
    pending += 1;
    deliverAll(deps, call, event, fillUrl(template, call.request.metadata), settle)
      .catch((error: unknown) => {
        // Stopping aborts sleeps and requests; anything else is a bug of the fake and must be seen.
        if (!stopping.aborted) settings.log(`webhook ${event} ${callId}: ${String(error)}`);
      })
      .finally(() => {
        pending -= 1;
        book.notify();
      });
  }

  function settle(
    callId: string,
    event: string,
    copy: number,
    result: WebhookResult,
    tries: readonly Try[],
  ): void {
    if (stopping.aborted) return;
    settings.log(`webhook ${event} ${callId} ${result} [${tries.join(' ')}]`);
    book.append({
      fact: 'webhook',
      webhook: { callId, event, copy, result, tries, settledAtMs: Date.now() },
    });
  }

  return {
    send,
    isSettled: () => pending === 0 && [...book.calls.values()].every(owesNothing),
    resendOwed() {
      for (const call of book.calls.values()) {
        for (const event of owedEvents(call)) send(call.callId, event);
      }
    },
    async callFunction(url, body) {
      const raw = JSON.stringify(body);
      const answer = await post(settings, stopping, url, raw, FUNCTION_TIMEOUT_MS);
      if (typeof answer === 'string') return undefined;
      return { ok: answer.status < 300, text: answer.text.slice(0, MAX_RESULT_CHARS) };
    },
  };
}

function owedEvents(call: FakeCall): readonly string[] {
  return eventsSoFar(call).filter((event) => !call.settledEvents.includes(event));
}

function owesNothing(call: FakeCall): boolean {
  return owedEvents(call).length === 0;
}

/** The events that a call has triggered until now. No `call_started` for a call that nobody picked up. */
function eventsSoFar(call: FakeCall): readonly string[] {
  const transferred = call.reason === 'call_transfer';
  return [
    ...(call.answeredAtMs === undefined ? [] : ['call_started']),
    ...(transferred ? ['transfer_started', 'transfer_bridged'] : []),
    ...(call.endedAtMs === undefined ? [] : ['call_ended']),
    ...(call.analysedAtMs === undefined ? [] : ['call_analyzed']),
    ...(call.transferEndedAtMs === undefined ? [] : ['transfer_ended']),
  ];
}

type Settle = (callId: string, event: string, copy: number, result: WebhookResult, tries: Try[]) => void;

async function deliverAll(
  deps: Deps,
  call: FakeCall,
  event: string,
  url: string,
  settle: Settle,
): Promise<void> {
  // Written when the event is triggered: a late delivery says what was true then.
  const body = JSON.stringify({
    event,
    call: presentForEvent(call, event),
    ...(event.startsWith('transfer_')
      ? {
          transfer_destination: { type: 'predefined', number: TRANSFER_DESTINATION },
          transfer_option: { type: 'cold_transfer' },
        }
      : {}),
  });
  const target = targetOf(call, event);
  const delay = deps.faults.take(['delay_webhook'], target);
  if (delay !== undefined) await sleep(delay.ms ?? DEFAULT_DELAY_MS, undefined, { signal: deps.stopping });
  if (event === 'call_ended' && isReordered(deps, call)) {
    await analysisSettled(deps, call.callId);
  }
  const duplicate = deps.faults.take(['duplicate_webhook'], target);
  const byChance = hits(deps, deps.settings.duplicateShare, call, event, 'duplicate') ? 1 : 0;
  const copies = 1 + (duplicate === undefined ? byChance : (duplicate.copies ?? 1));
  for (let copy = 0; copy < copies; copy += 1) {
    const tries = await deliver(deps, url, body);
    const last = tries.at(-1);
    const delivered = typeof last === 'number' && last >= 200 && last < 300;
    settle(call.callId, event, copy, delivered ? 'delivered' : 'failed', tries);
  }
}

/** One delivery and its retries, until a 2xx. Each try has a signature of its own. */
async function deliver(deps: Deps, url: string, body: string): Promise<Try[]> {
  const { settings, stopping } = deps;
  const tries: Try[] = [];
  for (const delayMs of [0, ...settings.webhookRetryDelaysMs]) {
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: stopping });
    const answer = await post(settings, stopping, url, body, settings.webhookTimeoutMs);
    tries.push(typeof answer === 'string' ? answer : answer.status);
    if (typeof answer !== 'string' && answer.status >= 200 && answer.status < 300) break;
  }
  return tries;
}

async function post(
  settings: Settings,
  stopping: AbortSignal,
  url: string,
  body: string,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly text: string } | 'timeout' | 'unreachable'> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-retell-signature': signBody(body, settings.apiKey) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    stopping.throwIfAborted();
    return error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable';
  }
}

function targetOf(call: FakeCall, event: string) {
  const { metadata, to_number: toNumber } = call.request;
  return {
    attemptId: textIn(metadata, 'attempt_id'),
    accountId: textIn(metadata, 'account_id'),
    toNumber,
    event,
  };
}

function isLost(deps: Deps, call: FakeCall, event: string): boolean {
  return (
    deps.faults.take(['lose_webhook'], targetOf(call, event)) !== undefined ||
    hits(deps, deps.settings.loseShare, call, event, 'lose')
  );
}

function isReordered(deps: Deps, call: FakeCall): boolean {
  return (
    deps.faults.take(['reorder_webhooks'], targetOf(call, 'call_ended')) !== undefined ||
    hits(deps, deps.settings.reorderShare, call, 'call_ended', 'reorder')
  );
}

function hits({ settings }: Deps, share: number, call: FakeCall, event: string, what: string): boolean {
  return share > 0 && draw(settings.seed, what, event, call.request.to_number, call.nth) < share;
}

function analysisSettled({ book, stopping }: Deps, callId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (book.calls.get(callId)?.settledEvents.includes('call_analyzed') === true) {
        stopListening();
        resolve();
      }
    };
    const stopListening = book.onChange(check);
    const abandon = () => {
      stopListening();
      reject(new Error('the fake was stopped'));
    };
    stopping.addEventListener('abort', abandon, { once: true });
    check();
  });
}
