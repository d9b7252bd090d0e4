/** POST /v2/create-phone-call: record, refuse, place, and go wrong where a fault says so. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallEngine } from './calls.ts';
import type { ActiveFault, CreateFaultKind, Faults } from './faults.ts';
import type { Settings } from './options.ts';
import { presentCall, toPostRecord } from './present.ts';
import type { RecordBook } from './record.ts';
import type { CreateRequest, FakeCall, Json, PostAnswer, PostRecord } from './types.ts';
import {
  NO_CREDIT,
  NUMBER_REFUSED,
  parseJson,
  RATE_LIMITED,
  SERVER_ERROR,
  UNAUTHORISED,
  UNKNOWN_ASSET,
  validateCreate,
} from './validate.ts';
import type { Refusal } from './validate.ts';

/** What goes back over the wire; `hold` never answers, `drop` closes the connection without a word. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: Json }
  | { readonly kind: 'hold' }
  | { readonly kind: 'drop' };

export interface CreateDeps {
  readonly settings: Settings;
  readonly book: RecordBook;
  readonly faults: Faults;
  readonly engine: CallEngine;
  readonly stopping: AbortSignal;
}

const DEFAULT_SLOW_MS = 5000;
const DEFAULT_PLACE_AFTER_MS = 60_000;

/** Faults that replace the ordinary course; `slow` and `stuck_registered` come on top of it. */
const VERDICTS: readonly CreateFaultKind[] = [
  'error_after_placed',
  'timeout_after_placed',
  'dropped_then_placed',
  'error_not_placed',
  'hang_not_placed',
  'no_credit',
  'rate_limited',
  'number_refused',
];

export async function handleCreate(deps: CreateDeps, rawBody: string, authorised: boolean): Promise<Reply> {
  const { settings, book, faults, stopping } = deps;
  const raw = parseJson(rawBody);
  const post = toPostRecord(raw, book.nextSeq(), Date.now());
  // Before anything can go wrong: no POST is ever missing from the record.
  book.append({ fact: 'post', post });

  const slow = faults.take(['slow'], post);
  // The client may be gone when this ends; the call is placed all the same, as at a real provider.
  if (slow !== undefined) await sleep(slow.ms ?? DEFAULT_SLOW_MS, undefined, { signal: stopping });

  if (!authorised) return refuse(deps, post, UNAUTHORISED, undefined);
  const checked = validateCreate(raw, settings.fromNumbers);
  if ('refusal' in checked) return refuse(deps, post, checked.refusal, undefined);
  return decide(deps, post, checked.request, faults.take(VERDICTS, post));
}

function decide(
  deps: CreateDeps,
  post: PostRecord,
  request: CreateRequest,
  fault: ActiveFault | undefined,
): Reply {
  const { engine } = deps;
  switch (fault?.kind) {
    case 'error_not_placed':
      return refuse(deps, post, SERVER_ERROR, fault);
    case 'hang_not_placed':
      return answer(deps, post, { kind: 'hold' }, 'held', fault);
    case 'no_credit':
      return refuse(deps, post, NO_CREDIT, fault);
    case 'rate_limited':
      return refuse(deps, post, RATE_LIMITED, fault);
    case 'number_refused':
      return refuse(deps, post, NUMBER_REFUSED, fault);
    case 'dropped_then_placed':
      engine.postpone(request, post.seq, post.arrivedAtMs + (fault.ms ?? DEFAULT_PLACE_AFTER_MS));
      return answer(deps, post, { kind: 'drop' }, 'dropped', fault);
    default:
      break;
  }
  const call = placeNow(deps, post, request);
  if (call === undefined) return refuse(deps, post, RATE_LIMITED, undefined);
  switch (fault?.kind) {
    case 'error_after_placed':
      return refuse(deps, post, SERVER_ERROR, fault);
    case 'timeout_after_placed':
      return answer(deps, post, { kind: 'hold' }, 'held', fault);
    default:
      // Shown as it was when it was placed: a call that rings for 0 ms is `registered` in this answer too.
      return answer(deps, post, { kind: 'json', status: 201, body: presentCall(call) }, 201, undefined);
  }
}

function placeNow(
  { engine, faults }: CreateDeps,
  post: PostRecord,
  request: CreateRequest,
): FakeCall | undefined {
  const stuck = faults.take(['stuck_registered'], post);
  return engine.place(request, post.seq, { stuck: stuck !== undefined });
}

function refuse(deps: CreateDeps, post: PostRecord, refusal: Refusal, fault: ActiveFault | undefined): Reply {
  return answer(deps, post, refusalReply(refusal), refusal.status, fault);
}

function answer(
  { book, settings }: CreateDeps,
  post: PostRecord,
  reply: Reply,
  said: PostAnswer,
  fault: ActiveFault | undefined,
): Reply {
  book.append({
    fact: 'answered_post',
    seq: post.seq,
    answer: said,
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
  settings.log(
    `post ${String(post.seq)} attempt ${post.attemptId ?? '-'}: ${String(said)} ${fault?.kind ?? ''}`,
  );
  return reply;
}

export function refusalReply(refusal: Refusal): Reply {
  return {
    kind: 'json',
    status: refusal.status,
    body: { status: 'error', message: refusal.message },
  };
}

export const UNKNOWN_CALL = refusalReply(UNKNOWN_ASSET);

/** Resolves when the client is gone or the fake stops. */
export function connectionGone(incoming: IncomingMessage, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (incoming.socket.destroyed) resolve();
    incoming.socket.once('close', () => resolve());
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
}
