import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  log,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  TemporalFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { Malformed } from '../../domain/shared/rules/read-value.ts';
import type { EntityActivities } from '../../activities/entity/types.ts';
import { idempotentWrite } from './activity-options.ts';
import { Alarm } from './alarm.ts';
import type { Carried, Entity } from './entity-contract.ts';
import { type Letter, Mailbox } from './mailbox.ts';
import { type Answered, decoded, readAnswer, type Refusal, undecoded } from './messages.ts';

const { refuseMessage } = proxyLocalActivities<EntityActivities>(idempotentWrite);

interface Typed {
  readonly type: string;
}

type Content<Fact> = { readonly fact: Fact } | { readonly refusal: Omit<Refusal, 'key'> };

/** Messages that are remembered: one that comes again after fifty others is not ours to fear. */
const handledKept = 50;
/** Pause before what an ended entity still has to do is tried again: it may not end without it. */
const closingPauseMs = 60_000;

/**
 * Runs one entity to its end. Handlers put what comes in into the mailbox; one loop takes it, asks `decide`, and carries
 * out what it commands; one deadline is the only timer. Inside, nothing is cancelled: a cancellation is a fact, and what
 * it commands must still run.
 */
export function runEntity<Input, State, Fact extends Typed, Command extends Typed, View, Result>(
  entity: Entity<Input, State, Fact, Command, View, Result>,
  input: Input & { readonly carried?: Carried<State> },
): Promise<Result> {
  const root = CancellationScope.current();
  return CancellationScope.nonCancellable(() => {
    const running = new Running(entity, input);
    root.cancelRequested.catch(() => running.tell(entity.cancelled));
    return running.run();
  });
}

class Running<Input, State, Fact extends Typed, Command extends Typed, View, Result> {
  readonly #entity: Entity<Input, State, Fact, Command, View, Result>;
  readonly #input: Input & { readonly carried?: Carried<State> };
  readonly #mailbox = new Mailbox<Content<Fact>>();
  readonly #alarm = new Alarm();
  readonly #longCommands = new CancellationScope();
  #inFlight = 0;
  #state: State;
  #firstCommands: readonly Command[];
  #handled: readonly string[];
  #refusals = 0;
  /** The last message that was refused, for the Temporal UI. */
  #note = '';

  constructor(
    entity: Entity<Input, State, Fact, Command, View, Result>,
    input: Input & { readonly carried?: Carried<State> },
  ) {
    this.#entity = entity;
    this.#input = input;
    const { carried } = input;
    const first = carried === undefined ? entity.open(input) : { state: carried.state, commands: [] };
    this.#state = first.state;
    this.#firstCommands = first.commands;
    this.#handled = carried?.handled ?? [];
  }

  tell(fact: Fact): void {
    this.#mailbox.put({ fact });
  }

  async run(): Promise<Result> {
    // Before the first await: a signal that arrives sooner is buffered, but a query would fail.
    this.#setHandlers();
    this.#show(this.#state);
    await this.#carryOut(this.#firstCommands);
    while (this.#result() === undefined) {
      const letter = this.#mailbox.take();
      if (letter === undefined) await this.#rest();
      else await this.#work(letter);
    }
    return this.#finish();
  }

  /** Undefined while the entity lives. */
  #result(): Result | undefined {
    return this.#entity.result(this.#state, Date.now());
  }

  async #work(letter: Letter<Content<Fact>>): Promise<void> {
    const { content } = letter;
    if ('refusal' in content) await this.#refuse(content.refusal);
    else if (this.#isNew(content.fact)) await this.#decide(content.fact);
    letter.state = 'taken';
  }

  #isNew(fact: Fact): boolean {
    const id = this.#entity.idOf?.(fact) ?? null;
    if (id === null) return true;
    if (this.#handled.includes(id)) return false;
    this.#handled = [...this.#handled.slice(1 - handledKept), id];
    return true;
  }

  async #decide(fact: Fact): Promise<void> {
    const before = this.#state;
    const { state, commands } = this.#entity.decide(before, { ...fact, atMs: Date.now() });
    this.#state = state;
    this.#show(before);
    // At once: what waits behind the end would otherwise be taken by nobody and answered never.
    if (this.#result() !== undefined) this.#mailbox.close();
    await this.#carryOut(commands);
  }

  async #carryOut(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      if (this.#entity.isLong?.(command) === true) this.#beginLong(command);
      else await this.#toItsEnd(command);
    }
  }

  async #toItsEnd(command: Command): Promise<void> {
    while (!(await this.#tryOnce(command)) && this.#result() !== undefined) await sleep(closingPauseMs);
  }

  #beginLong(command: Command): void {
    this.#inFlight += 1;
    void this.#longCommands.run(() => this.#tryOnce(command)).finally(() => (this.#inFlight -= 1));
  }

  /** False: it failed, and whatever `failed` says was taken for its answer. */
  async #tryOnce(command: Command): Promise<boolean> {
    const answer = await this.#answerTo(command);
    if (answer.ok) {
      for (const { fact, deliverAtMs } of answer.deliveries) {
        if (deliverAtMs === null) this.tell(fact);
        else this.#mailbox.putAt(deliverAtMs, { fact });
      }
      return true;
    }
    if (answer.refusal !== null) await this.#refuse(answer.refusal);
    const fact = this.#entity.failed(command);
    if (fact !== null) this.tell(fact);
    return false;
  }

  async #answerTo(command: Command): Promise<Answered<Fact>> {
    try {
      const raw = await this.#entity.execute(command, { input: this.#input, state: this.#state });
      return readAnswer(raw, (fact) => this.#entity.parseFact(fact));
    } catch (error) {
      if (error instanceof Malformed) {
        return { ok: false, refusal: { kind: 'answer', name: command.type, why: error.message } };
      }
      // Anything else is a fault of this code: the task fails and is tried again until a build heals it.
      if (!(error instanceof TemporalFailure)) throw error;
      const cause = isCancellation(error) ? undefined : error.cause;
      if (!(cause instanceof ApplicationFailure)) return { ok: false, refusal: null };
      return { ok: false, refusal: { kind: 'answer', name: command.type, why: cause.type ?? 'failed' } };
    }
  }

  /** Nothing to do: waits, or starts the history afresh when it has grown. */
  async #rest(): Promise<void> {
    if (this.#isHistoryLong() && this.#mailbox.isEmpty && this.#inFlight === 0) {
      // A handler that has its answer and has not returned it yet: its sender would be told of a dead run.
      await condition(() => this.#mailbox.hasMail || allHandlersFinished());
      if (this.#mailbox.hasMail) return;
      const carried: Carried<State> = { state: this.#state, handled: this.#handled };
      await continueAsNew({ ...this.#input, carried });
    }
    const deadlineAtMs = this.#entity.nextWakeAtMs(this.#state);
    const deadlineCame = await this.#mailbox.waitUntil(
      deadlineAtMs,
      this.#entity.describe(this.#state, Date.now()),
      this.#alarm,
    );
    if (deadlineCame) this.tell(this.#entity.deadline);
  }

  #isHistoryLong(): boolean {
    const budget = this.#entity.historyBudget(this.#input);
    if (budget === null) return false;
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return continueAsNewSuggested || historyLength >= budget;
  }

  /** Every sender gets an answer, and nothing that was begun is left running. */
  async #finish(): Promise<Result> {
    this.#mailbox.close();
    this.#longCommands.cancel();
    await condition(() => this.#inFlight === 0 && allHandlersFinished());
    const result = this.#result();
    if (result === undefined) throw new Error('an entity that has ended lives again');
    return result;
  }

  async #refuse(refusal: Omit<Refusal, 'key'>): Promise<void> {
    this.#refusals += 1;
    log.warn('a message was refused', { ...refusal });
    this.#note = ` · Rechazado: ${refusal.name} (${refusal.why})`;
    this.#show(this.#state);
    const { runId } = workflowInfo();
    try {
      const key = `${runId}:${this.#refusals}`;
      await refuseMessage.executeWithOptions({ summary: `Rechaza: ${refusal.name}` }, [
        { ...this.#entity.subject(this.#input), refusal: { ...refusal, key } },
      ]);
    } catch (error) {
      // The note and the log have it. A row that cannot be written must not stop what the entity lives for.
      if (!(error instanceof TemporalFailure)) throw error;
    }
  }

  #show(before: State): void {
    setCurrentDetails(`${this.#entity.describe(this.#state, Date.now())}${this.#note}`);
    const changes = this.#entity.attributes?.(before, this.#state) ?? [];
    if (changes.length > 0) upsertSearchAttributes([...changes]);
  }

  #setHandlers(): void {
    const { signals, updates } = this.#entity;
    for (const [name, type] of Object.entries(signals)) {
      setHandler(defineSignal<[unknown]>(name, undecoded), (payload) => {
        this.#mailbox.put(this.#read('signal', name, type, payload));
      });
    }
    for (const [name, type] of Object.entries(updates)) {
      const validator = (_payload: unknown): void => {
        if (this.#result() !== undefined) throw this.#closed();
      };
      // Handlers run outside the loop's scope: a cancelled workflow would answer "cancelled" for whatever was asked.
      const handler = (payload: unknown): Promise<View> =>
        CancellationScope.nonCancellable(() => this.#answer(this.#read('update', name, type, payload)));
      setHandler(defineUpdate<View, [unknown]>(name, undecoded), handler, { validator });
    }
    setHandler(defineQuery<View>('view'), () => this.#entity.view(this.#state));
  }

  /** Answers when the fact has been worked on, and at once when nobody will. */
  async #answer(content: Content<Fact>): Promise<View> {
    const letter = this.#mailbox.put(content);
    await condition(() => letter.state !== 'waiting');
    if ('refusal' in content) throw ApplicationFailure.nonRetryable(content.refusal.why, 'MalformedMessage');
    if (letter.state === 'closed') throw this.#closed();
    return this.#entity.view(this.#state);
  }

  #read(kind: 'signal' | 'update', name: string, type: Fact['type'], raw: unknown): Content<Fact> {
    try {
      const payload = decoded(raw);
      if (payload !== undefined && (typeof payload !== 'object' || payload === null)) {
        throw new Malformed('message', 'an object');
      }
      return { fact: this.#entity.parseFact({ ...payload, type }) };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return { refusal: { kind, name, why: error.message } };
    }
  }

  #closed(): ApplicationFailure {
    return ApplicationFailure.nonRetryable(this.#entity.closedWords, 'EntityClosed');
  }
}
