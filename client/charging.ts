import { z } from 'zod';

const money = z.object({ amount: z.string(), unit: z.string() });

/** An order as the commands read it. */
export const orderAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['open', 'paid', 'returned', 'expired', 'cancelled']),
  provider: z.string(),
  title: z.string(),
  net: money,
  tax: money,
  total: money,
  rate: z.string().nullable(),
  credit: money,
  booked: money,
  payable_until: z.string(),
  pay_url: z.string().nullable(),
  refused: z.string().nullable(),
  problem: z.object({ es: z.string() }).nullable(),
  created_at: z.string(),
});
export type OrderAnswer = z.infer<typeof orderAnswer>;

/** What can be bought. */
export const plansAnswer = z.object({
  plans: z.array(
    z.object({
      key: z.string(),
      title: z.string(),
      price: money,
      price_is_least: z.boolean(),
      per_minute: money,
    }),
  ),
  packages: z.array(z.object({ key: z.string(), title: z.string(), price: money })),
  tax: z.object({ title: z.string(), percent: z.string() }).nullable(),
  rate: z.object({ currency: z.string(), per_usd: z.string() }).nullable(),
});
/** The plan that the account pays by the month. */
export const subscriptionAnswer = z.object({
  plan: z.string(),
  price: money,
  in_words: z.object({ es: z.string() }),
  period_end: z.string(),
  ends_with_period: z.boolean(),
});
