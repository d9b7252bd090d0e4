/** What a call costs, in Retell's units: cents, and prices in cents per second (facts/voice.md §1.4, §1.9). */
import type { Json } from './types.ts';

/** As in Retell's sample of a finished call; its voice platform is 5.5 US cents a minute. */
const PRODUCTS: readonly (readonly [product: string, centsPerSecond: number])[] = [
  ['retell_platform', 0.0917],
  ['elevenlabs_tts', 0.1167],
  ['gpt_4_1', 0.075],
];
const TRANSFER: readonly [product: string, centsPerSecond: number] = ['us_telephony', 0.025];

/** The cost of a call; a transfer leg is added late, after `call_ended`. */
export function callCost(durationMs: number, transferMs = 0): Json {
  // A started second is a billed second: 86,333 ms are 87 s in Retell's sample.
  const seconds = Math.ceil(durationMs / 1000);
  if (seconds === 0) return NO_COST;
  const lines: Json[] = PRODUCTS.map(([product, price]) => ({
    product,
    unit_price: price,
    cost: toCents(price * seconds),
  }));
  let total = PRODUCTS.reduce((sum, [, price]) => sum + toCents(price * seconds), 0);
  if (transferMs > 0) {
    const [product, price] = TRANSFER;
    const cost = toCents(price * Math.ceil(transferMs / 1000));
    lines.push({ product, unit_price: price, cost, is_transfer_leg_cost: true });
    total += cost;
  }
  return {
    product_costs: lines,
    total_duration_seconds: seconds,
    total_duration_unit_price: round(
      PRODUCTS.reduce((sum, [, price]) => sum + price, 0),
      4,
    ),
    combined_cost: round(total, 2),
  };
}

/** What a create answers, and a call that never connected. */
export const NO_COST: Json = {
  product_costs: [],
  total_duration_seconds: 0,
  total_duration_unit_price: 0,
  combined_cost: 0,
};

function toCents(cents: number): number {
  return round(cents, 2);
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
