import type { Invariant } from '../types.ts';
import { actions } from './actions.ts';
import { chain } from './chain.ts';
import { happened } from './happened.ts';
import { law } from './law.ts';
import { ledger } from './ledger.ts';
import { lines } from './lines.ts';
import { money } from './money.ts';
import { negotiation } from './negotiation.ts';
import { orders } from './orders.ts';
import { provider } from './provider.ts';
import { results } from './results.ts';
import { state } from './state.ts';
import { sums } from './sums.ts';
import { trail } from './trail.ts';

/** Every invariant, in the order in which it is printed. */
export const invariants: readonly Invariant[] = [
  ...happened,
  ...provider,
  ...results,
  ...law,
  ...negotiation,
  ...lines,
  ...money,
  ...ledger,
  ...orders,
  ...state,
  ...trail,
  ...actions,
  ...chain,
  ...sums,
];
