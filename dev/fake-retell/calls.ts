/**
 * The state machine of calls: registered → (ongoing) → ended → analysed. Every step happens at an instant that follows
 * from the plan, so that a fake that was down ends its calls at their scheduled time and not when it came back.
 */
import { randomUUID } from 'node:crypto';
import { toolOf } from './dialogue.ts';
import { outcomeOf } from './outcomes.ts';
import type { OutcomeScript } from './outcomes.ts';
import type { Settings } from './options.ts';
import { planCall } from './plan.ts';
import { presentCall } from './present.ts';
import type { RecordBook } from './record.ts';
import type { CreateRequest, FakeCall } from './types.ts';
import { fillUrl } from './webhooks.ts';
import type { Outbound } from './webhooks.ts';

export interface PlaceOptions {
  readonly stuck?: boolean;
  readonly placedAtMs?: number;
}

export interface CallEngine {
  /** Places a call; undefined above the concurrency limit. */
  place(request: CreateRequest, postSeq: number, options?: PlaceOptions): FakeCall | undefined;
  /** Places it later, without anybody waiting for it. */
  postpone(request: CreateRequest, postSeq: number, placeAtMs: number): void;
  stop(callId: string): 'stopped' | 'over' | 'unknown';
  /** Calls that hold a line: registered or ongoing. */
  running(): number;
  /** Takes up the calls of the record after a restart. */
  resume(): void;
  halt(): void;
}

interface Deps {
  readonly settings: Settings;
  readonly book: RecordBook;
  readonly outbound: Outbound;
  readonly scripts: ReadonlyMap<string, OutcomeScript>;
}

export function createCallEngine(deps: Deps): CallEngine {
  const { settings, book, outbound, scripts } = deps;
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<string>();
  let halted = false;

  function at(key: string, atMs: number, run: () => void): void {
    clearTimeout(timers.get(key));
    timers.set(
      key,
      setTimeout(
        () => {
          timers.delete(key);
          run();
        },
        Math.max(0, atMs - Date.now()),
      ),
    );
  }

  function place(request: CreateRequest, postSeq: number, options: PlaceOptions = {}): FakeCall | undefined {
    if (running.size >= settings.concurrencyLimit) return undefined;
    const placedAtMs = options.placedAtMs ?? Date.now();
    const nth = book.placedTo(request.to_number) + 1;
    const call: FakeCall = {
      callId: `call_${randomUUID().replaceAll('-', '').slice(0, 27)}`,
      postSeq,
      nth,
      request,
      plan: planCall(settings, scripts, request, nth, options.stuck === true, placedAtMs),
      placedAtMs,
      toolCalls: [],
      settledEvents: [],
    };
    book.append({ fact: 'placed', call });
    settings.log(`call ${call.callId} placed, ${call.plan.outcome}`);
    running.add(call.callId);
    advance(call.callId);
    return call;
  }

  /** Sets the timer of the call's next step, if there is one. */
  function advance(callId: string): void {
    const call = book.calls.get(callId);
    const step =
      call === undefined || halted ? undefined : nextStep(call, settings.functionUrl !== undefined);
    if (call === undefined || step === undefined) return;
    at(callId, step.atMs, () => {
      if (step.kind === 'tool') {
        runTool(call).catch((error: unknown) => {
          if (!halted) settings.log(`function of ${callId}: ${String(error)}`);
        });
        return;
      }
      take(step);
      advance(callId);
    });
  }

  function take(step: Exclude<Step, StepOf<'tool'>>): void {
    const { callId, atMs } = step;
    switch (step.kind) {
      case 'pick_up':
        book.append({ fact: 'picked_up', callId, atMs });
        outbound.send(callId, 'call_started');
        return;
      case 'end':
        end(callId, atMs, step.reason);
        return;
      case 'analyse':
        book.append({ fact: 'analysed', callId, atMs });
        outbound.send(callId, 'call_analyzed');
        return;
      case 'end_transfer':
        book.append({ fact: 'transfer_ended', callId, atMs });
        outbound.send(callId, 'transfer_ended');
        return;
      default: {
        const unreachable: never = step;
        throw new Error(`unknown step ${JSON.stringify(unreachable)}`);
      }
    }
  }

  function end(callId: string, atMs: number, reason: string): void {
    running.delete(callId);
    book.append({ fact: 'ended', callId, atMs, reason });
    if (reason === 'call_transfer') {
      outbound.send(callId, 'transfer_started');
      outbound.send(callId, 'transfer_bridged');
    }
    outbound.send(callId, 'call_ended');
  }

  /** The agent calls its function in the middle of the call and waits for the answer. */
  async function runTool(call: FakeCall): Promise<void> {
    const request = toolOf(call.plan);
    if (request === undefined || settings.functionUrl === undefined) return;
    const tool = {
      toolCallId: `tool_call_${randomUUID().slice(0, 8)}`,
      name: request.name,
      args: request.args,
    };
    // Written before it is sent: after a kill in between, the function is not called a second time.
    book.append({ fact: 'tool_called', callId: call.callId, tool });
    const answer = await outbound.callFunction(fillUrl(settings.functionUrl, call.request.metadata), {
      name: request.name,
      call: presentCall(call),
      args: request.args,
    });
    const finishedAtMs = Date.now();
    const result = answer === undefined ? {} : { result: answer.text, successful: answer.ok };
    book.append({ fact: 'tool_called', callId: call.callId, tool: { ...tool, ...result, finishedAtMs } });
    advance(call.callId);
  }

  function placePostponed(seq: number): void {
    const postponed = book.postponed.get(seq);
    if (postponed === undefined) return;
    const { request, placeAtMs: placedAtMs } = postponed;
    if (place(request, seq, { placedAtMs }) === undefined) book.append({ fact: 'not_placed', seq });
  }

  return {
    place,
    postpone(request, seq, placeAtMs) {
      book.append({ fact: 'postponed', seq, postponed: { request, placeAtMs } });
      at(`post ${String(seq)}`, placeAtMs, () => placePostponed(seq));
    },
    stop(callId) {
      if (!book.calls.has(callId)) return 'unknown';
      if (!running.has(callId)) return 'over';
      clearTimeout(timers.get(callId));
      end(callId, Date.now(), 'manual_stopped');
      advance(callId);
      return 'stopped';
    },
    running: () => running.size,
    resume() {
      for (const call of book.calls.values()) {
        if (call.endedAtMs === undefined) running.add(call.callId);
        advance(call.callId);
      }
      for (const [seq, { placeAtMs }] of book.postponed) {
        at(`post ${String(seq)}`, placeAtMs, () => placePostponed(seq));
      }
    },
    halt() {
      halted = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}

interface StepOf<Kind extends string> {
  readonly kind: Kind;
  readonly callId: string;
  readonly atMs: number;
}

type Step =
  | StepOf<'pick_up'>
  | StepOf<'tool'>
  | StepOf<'analyse'>
  | StepOf<'end_transfer'>
  | (StepOf<'end'> & { readonly reason: string });

/** What happens next to a call, and when; nothing for a stuck or a finished one. */
function nextStep(call: FakeCall, hasFunctions: boolean): Step | undefined {
  const { callId, plan } = call;
  const outcome = outcomeOf(plan.outcome);
  if (call.endedAtMs !== undefined) {
    if (call.analysedAtMs === undefined) {
      return { kind: 'analyse', callId, atMs: call.endedAtMs + plan.analysisMs };
    }
    // The leg to the executive goes on after our agent has left, and costs.
    return call.reason === 'call_transfer' && call.transferEndedAtMs === undefined
      ? { kind: 'end_transfer', callId, atMs: call.analysedAtMs + plan.talkMs }
      : undefined;
  }
  if (plan.stuck) return undefined;
  if (call.answeredAtMs === undefined) {
    const atMs = call.placedAtMs + plan.ringMs;
    return outcome.connects
      ? { kind: 'pick_up', callId, atMs }
      : { kind: 'end', callId, atMs, reason: outcome.reason };
  }
  const tool = call.toolCalls[0];
  if (hasFunctions && tool === undefined && toolOf(plan) !== undefined) {
    return { kind: 'tool', callId, atMs: call.answeredAtMs + Math.round(plan.talkMs / 2) };
  }
  const reason = plan.cutShort ? 'max_duration_reached' : outcome.reason;
  return {
    kind: 'end',
    callId,
    atMs: Math.max(call.answeredAtMs + plan.talkMs, tool?.finishedAtMs ?? 0),
    reason,
  };
}
