import type { AttributeChange } from '../../domain/temporal/rules/search-attributes.ts';
import type { EntitySubject } from '../../activities/entity/types.ts';

export interface EntityDecision<State, Command> {
  readonly state: State;
  readonly commands: readonly Command[];
}

/** What one kind of entity is: rules that are pure, and the names of what comes in and goes out. */
export interface Entity<
  Input,
  State,
  Fact extends { readonly type: string },
  Command extends { readonly type: string },
  View,
  Result,
> {
  /** The first state, and what is done first. */
  open(input: Input): EntityDecision<State, Command>;
  /** Pure and synchronous. `atMs` is the workflow's clock when the fact was taken. */
  decide(state: State, event: Fact & { readonly atMs: number }): EntityDecision<State, Command>;
  /** One command, one activity (or child). Answers `Answer` in unchecked form, or undefined: nothing. */
  execute(command: Command, at: { readonly input: Input; readonly state: State }): Promise<unknown>;
  /** True: the next fact is taken while this command runs. Its answer comes in like any other fact. */
  isLong?(command: Command): boolean;
  /** What is taken for the answer of a command that failed for good, or whose answer cannot be read. */
  failed(command: Command): Fact | null;
  /** Throws `Malformed`. */
  parseFact(raw: unknown): Fact;
  /** Wire name → type of the fact that such a message is. */
  readonly signals: Readonly<Record<string, Fact['type']>>;
  readonly updates: Readonly<Record<string, Fact['type']>>;
  /** The one deadline came. */
  readonly deadline: Fact;
  /** The workflow was cancelled ("Request Cancellation" in the Temporal UI): a fact like any other. */
  readonly cancelled: Fact;
  /** Of a message that may come twice, else null. One id is taken once. */
  idOf?(fact: Fact): string | null;
  nextWakeAtMs(state: State): number | null;
  /** One line for the Temporal UI, as of that instant of the workflow's clock. */
  describe(state: State, nowMs: number): string;
  /** New values of search attributes, together one event: so they belong under the logic version. */
  attributes?(before: State, after: State): readonly AttributeChange[];
  view(state: State): View;
  /** Undefined while it lives. From the first state that has one on, nothing is taken any more. */
  result(state: State, nowMs: number): Result | undefined;
  /** Under whose name a message that was refused is written down. */
  subject(input: Input): EntitySubject;
  /** Events after which the history starts afresh. Null: never, as in virtual time (design: the clock would miscount). */
  historyBudget(input: Input): number | null;
  /** What a sender is told whose message came after the end. */
  readonly closedWords: string;
}

/** What a run hands to the next one. */
export interface Carried<State> {
  readonly state: State;
  /** Newest ids of messages that have been taken. */
  readonly handled: readonly string[];
}
