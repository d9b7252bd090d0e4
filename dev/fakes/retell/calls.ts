/**
 * The state machine of calls: registered → (ongoing) → ended → analysed. Every step happens at an instant that follows
 * from the plan, so that a fake that was down ends its calls at their scheduled time and not when it came back.
 */
import { randomUUID } from 'node:crypto';
import { asksMore, nextFunction } from './agent.ts';
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
  return new Engine(deps);
}

class Engine implements CallEngine {
  readonly #deps: Deps;
  /** One timer for each running call and each POST that is to be placed later. */
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<string>();
  #halted = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  place(request: CreateRequest, postSeq: number, options: PlaceOptions = {}): FakeCall | undefined {
    const { settings, book, scripts } = this.#deps;
    if (this.#running.size >= settings.concurrencyLimit) return undefined;
    const placedAtMs = options.placedAtMs ?? Date.now();
    const nth = book.placedTo(request.to_number) + 1;
    const call: FakeCall = {
      callId: `call_${randomUUID().replaceAll('-', '').slice(0, 27)}`,
      postSeq,
      nth,
      request,
      plan: planCall(settings, scripts, request, nth, options.stuck === true, placedAtMs),
      placedAtMs,
      ...(settings.mediaUrl === undefined ? {} : { mediaUrl: settings.mediaUrl }),
      toolCalls: [],
      settledEvents: [],
    };
    book.append({ fact: 'placed', call });
    settings.log(`call ${call.callId} placed, ${call.plan.outcome}`);
    this.#running.add(call.callId);
    this.#advance(call.callId);
    return call;
  }

  postpone(request: CreateRequest, seq: number, placeAtMs: number): void {
    this.#deps.book.append({ fact: 'postponed', seq, postponed: { request, placeAtMs } });
    this.#at(`post ${String(seq)}`, placeAtMs, () => this.#placePostponed(seq));
  }

  stop(callId: string): 'stopped' | 'over' | 'unknown' {
    if (!this.#deps.book.calls.has(callId)) return 'unknown';
    if (!this.#running.has(callId)) return 'over';
    clearTimeout(this.#timers.get(callId));
    this.#end(callId, Date.now(), 'manual_stopped');
    this.#advance(callId);
    return 'stopped';
  }

  running(): number {
    return this.#running.size;
  }

  resume(): void {
    const { book } = this.#deps;
    for (const call of book.calls.values()) {
      if (call.endedAtMs === undefined) this.#running.add(call.callId);
      this.#advance(call.callId);
    }
    for (const [seq, { placeAtMs }] of book.postponed) {
      this.#at(`post ${String(seq)}`, placeAtMs, () => this.#placePostponed(seq));
    }
  }

  halt(): void {
    this.#halted = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #at(key: string, atMs: number, run: () => void): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(
        () => {
          this.#timers.delete(key);
          run();
        },
        Math.max(0, atMs - Date.now()),
      ),
    );
  }

  /** Sets the timer of the call's next step, if there is one. */
  #advance(callId: string): void {
    const call = this.#deps.book.calls.get(callId);
    if (call === undefined || this.#halted) return;
    const step = nextStep(call, this.#deps.settings.functionUrl !== undefined);
    if (step === undefined) return;
    this.#at(callId, step.atMs, () => {
      if (step.kind === 'tool') {
        this.#runTool(call).catch((error: unknown) => {
          if (!this.#halted) this.#deps.settings.log(`function of ${callId}: ${String(error)}`);
        });
        return;
      }
      this.#take(step);
      this.#advance(callId);
    });
  }

  #take(step: Exclude<Step, StepOf<'tool'>>): void {
    const { callId, atMs } = step;
    switch (step.kind) {
      case 'pick_up':
        this.#deps.book.append({ fact: 'picked_up', callId, atMs });
        this.#deps.outbound.send(callId, 'call_started');
        return;
      case 'end':
        this.#end(callId, atMs, step.reason);
        return;
      case 'analyse':
        this.#deps.book.append({ fact: 'analysed', callId, atMs });
        this.#deps.outbound.send(callId, 'call_analyzed');
        return;
      case 'end_transfer':
        this.#deps.book.append({ fact: 'transfer_ended', callId, atMs });
        this.#deps.outbound.send(callId, 'transfer_ended');
        return;
      default: {
        const unreachable: never = step;
        throw new Error(`unknown step ${JSON.stringify(unreachable)}`);
      }
    }
  }

  #end(callId: string, atMs: number, reason: string): void {
    this.#running.delete(callId);
    this.#deps.book.append({ fact: 'ended', callId, atMs, reason });
    if (reason === 'call_transfer') {
      this.#deps.outbound.send(callId, 'transfer_started');
      this.#deps.outbound.send(callId, 'transfer_bridged');
    }
    this.#deps.outbound.send(callId, 'call_ended');
  }

  /** The agent calls its function in the middle of the call and waits for the answer. */
  async #runTool(call: FakeCall): Promise<void> {
    const person = await this.#deps.settings.personOf(call.request.to_number);
    const request = nextFunction(call, person);
    if (request === undefined || this.#deps.settings.functionUrl === undefined || this.#halted) return;
    const tool = {
      toolCallId: `tool_call_${randomUUID().slice(0, 8)}`,
      name: request.name,
      args: request.args,
    };
    // Written before it is sent: after a kill in between, the function is not called a second time.
    this.#deps.book.append({ fact: 'tool_called', callId: call.callId, tool });
    const answer = await this.#deps.outbound.callFunction(
      fillUrl(this.#deps.settings.functionUrl, call.request.metadata),
      {
        name: request.name,
        call: presentCall(call),
        args: request.args,
      },
    );
    const finishedAtMs = Date.now();
    const result = answer === undefined ? {} : { result: answer.text, successful: answer.ok };
    this.#deps.book.append({
      fact: 'tool_called',
      callId: call.callId,
      tool: { ...tool, ...result, finishedAtMs },
    });
    this.#advance(call.callId);
  }

  #placePostponed(seq: number): void {
    const postponed = this.#deps.book.postponed.get(seq);
    if (postponed === undefined) return;
    const { request, placeAtMs: placedAtMs } = postponed;
    if (this.place(request, seq, { placedAtMs }) === undefined)
      this.#deps.book.append({ fact: 'not_placed', seq });
  }
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
  const finishedAtMs = Math.max(0, ...call.toolCalls.map((tool) => tool.finishedAtMs ?? 0));
  if (hasFunctions && asksMore(call)) {
    // Spread over the talk, each after the answer to the one before.
    const share = Math.min(0.9, 0.2 + 0.2 * call.toolCalls.length);
    const plannedMs = call.answeredAtMs + Math.round(plan.talkMs * share);
    return { kind: 'tool', callId, atMs: Math.max(plannedMs, finishedAtMs) };
  }
  const reason = plan.cutShort ? 'max_duration_reached' : outcome.reason;
  return {
    kind: 'end',
    callId,
    atMs: Math.max(call.answeredAtMs + plan.talkMs, finishedAtMs),
    reason,
  };
}
