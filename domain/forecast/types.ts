import type { Zones } from '../policy/rules/calendar.ts';
import type { Negotiation } from '../negotiation/rules/types.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { Policy } from '../policy/rules/policy.ts';
import type { CallOutcome, ContactOutcome } from '../contacts/rules/outcomes.ts';
import type { UseCase } from '../usecases/types.ts';
import type { Population } from '../rehearsal/rules/person.ts';

/** Somebody to be called. */
export interface ForecastContact {
  /** Who answers each phone, in the order of the phones: the same words in a rehearsal give the same answers. */
  readonly phones: readonly [string, ...string[]];
  readonly zones: Zones;
  readonly owedMicros: bigint;
  readonly currency: string;
  /** 'YYYY-MM-DD', or null. */
  readonly dueDate: string | null;
}

export interface ForecastInput {
  readonly contacts: readonly ForecastContact[];
  readonly policy: Policy;
  readonly pack: RulePack;
  readonly useCase: UseCase;
  /** Undefined: a promise closes the contact. */
  readonly negotiation?: Negotiation;
  readonly people: Population;
  readonly startMs: number;
  /** Lines of the pool. */
  readonly lines: number;
  /** Most different people called on one local day. */
  readonly groupSize: number;
  /** No event later than this is lived through. */
  readonly untilMs: number;
}

export interface ForecastCall {
  readonly atMs: number;
  readonly waveKey: string;
  readonly localDay: string;
  readonly phone: string;
  readonly outcome: CallOutcome;
  readonly human: boolean;
  readonly seconds: number;
  readonly billableSeconds: number;
}

export interface ForecastLife {
  readonly calls: readonly ForecastCall[];
  /** Null: still open when the forecast ends. */
  readonly outcome: ContactOutcome | null;
  readonly closedAtMs: number | null;
  readonly openedAtMs: number | null;
}

export interface Forecast {
  readonly lives: readonly ForecastLife[];
  readonly peakLines: number;
  /** Turns that ended without a line or against a rule, by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Money that came in, micro-units. */
  readonly recoveredMicros: bigint;
  readonly decisions: number;
}
