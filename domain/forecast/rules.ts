import { chooseStage } from '../negotiation/rules/stage.ts';
import type { Stage } from '../negotiation/rules/types.ts';
import type { ContactRules } from '../contacts/rules/contact-rules.ts';
import { contactRules } from '../contacts/rules/terms.ts';
import type { ForecastContact, ForecastInput } from './types.ts';

/** What contacts compare with when they open. Made once for all that open at one instant in one stage. */
export class RulesByStage {
  readonly #input: Pick<ForecastInput, 'policy' | 'pack' | 'negotiation'>;
  readonly #known = new Map<Stage | undefined, ContactRules>();
  #openedAtMs = -Infinity;

  constructor(input: Pick<ForecastInput, 'policy' | 'pack' | 'negotiation'>) {
    this.#input = input;
  }

  /** For a contact that opens now: the same numbers that the opening activity reads. */
  of(contact: ForecastContact, localDay: string, openedAtMs: number): ContactRules {
    const { policy, pack } = this.#input;
    if (openedAtMs !== this.#openedAtMs) this.#known.clear();
    this.#openedAtMs = openedAtMs;
    const stage = this.#stageOf(contact, localDay);
    const known = this.#known.get(stage);
    if (known !== undefined) return known;
    const rules = contactRules({ policy, pack, stage, openedAtMs });
    this.#known.set(stage, rules);
    return rules;
  }

  #stageOf({ owedMicros, currency, dueDate }: ForecastContact, localDay: string): Stage | undefined {
    const { negotiation } = this.#input;
    const debts = [{ id: 'debt', balanceMicros: owedMicros, currency, dueDate, reference: null }];
    return negotiation === undefined ? undefined : chooseStage(negotiation, debts, localDay);
  }
}
