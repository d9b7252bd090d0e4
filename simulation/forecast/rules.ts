import { chooseStage } from '../../rules/negotiation/stage.ts';
import type { ContactRules } from '../../workflows/contact/state.ts';
import { contactRules } from '../../operations/contact-rules.ts';
import type { ForecastContact, ForecastInput } from './types.ts';

/** What a contact that opens now compares with: the same numbers that the opening activity reads. */
export function rulesFor(
  { policy, pack, negotiation }: ForecastInput,
  { owedMicros, currency, dueDate }: ForecastContact,
  localDay: string,
  openedAtMs: number,
): ContactRules {
  const debts = [{ id: 'debt', balanceMicros: owedMicros, currency, dueDate, reference: null }];
  const stage = negotiation === undefined ? undefined : chooseStage(negotiation, debts, localDay);
  return contactRules({ policy, pack, stage, openedAtMs });
}
