import { addDays } from '../negotiation/rules/instalments.ts';
import type { Zones } from '../policy/rules/calendar.ts';
import { chancesOf, logNormal } from '../rehearsal/rules/chance.ts';
import type { ForecastContact } from './types.ts';

export interface InventedGroup {
  readonly count: number;
  readonly seed: string;
  readonly zones: Zones;
  readonly currency: string;
  /** Local day on which the batch begins. */
  readonly today: string;
}

const unitMicros = 1_000_000n;
const medianDebt = 140_000;
const smallestDebt = 5_000;
const longestArrearsDays = 150;
const secondPhoneShare = 1 / 3;

/** Debtors that nobody has loaded: amounts, arrears and second phones as in the sample files. */
export function inventContacts({ count, seed, zones, currency, today }: InventedGroup): ForecastContact[] {
  const dueDates = Array.from({ length: longestArrearsDays + 1 }, (_, late) => addDays(today, -late));
  return Array.from({ length: count }, (_, index) => {
    const draw = chancesOf(seed, 'debtor', index);
    const debt = logNormal(medianDebt, 0.8, [draw('debt'), draw('debts')]);
    const owed = Math.max(smallestDebt, Math.round(debt));
    const late = 1 + Math.floor(draw('late') ** 2 * longestArrearsDays);
    return {
      phones: draw('phones') < secondPhoneShare ? [`${index}:1`, `${index}:2`] : [`${index}:1`],
      zones,
      owedMicros: BigInt(owed) * unitMicros,
      currency,
      dueDate: dueDates[late] ?? null,
    };
  });
}
