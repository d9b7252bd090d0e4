/* oxlint-disable unicorn/no-thenable -- `then` is a word of a negotiation, and a promise would only call a function */
import { z } from '@hono/zod-openapi';
import type { StoredNegotiation } from '../../domain/negotiation/negotiations.ts';
import { idSchema, textSchema } from '../schemas.ts';

const percent = z.number().min(0).max(100).multipleOf(0.01);
const days = z.int().min(0).max(100_000);
const micros = z
  .int()
  .min(0)
  .openapi({ description: 'Micro-units of the debt’s currency: 1 CLP is 1000000.' });

const stageSchema = z
  .object({
    key: z.string().regex(/^[a-z0-9-]{2,40}$/, 'must be lower-case letters, digits and dashes'),
    title: textSchema(120),
    fromDays: days.openapi({ description: 'Days since the oldest due date, inclusive.' }),
    toDays: days.nullable().openapi({ description: 'Inclusive; null: no end.' }),
    fromMicros: micros,
    toMicros: micros.nullable(),
    script: textSchema(80),
    agentId: textSchema(80).nullable(),
    offers: z
      .object({
        discountLadder: z.array(percent).max(20),
        floorPercent: percent,
        instalments: z
          .object({ min: z.int(), max: z.int(), minMicros: micros, longestGapDays: z.int() })
          .strict()
          .nullable(),
        longestPromiseDays: days,
        leastPartPercent: percent,
      })
      .strict(),
    broken: z.object({ then: z.enum(['call_again', 'hand_over', 'close']), handOverAt: z.int() }).strict(),
    refusal: z.object({ then: z.enum(['close', 'call_again']), pauseDays: days }).strict(),
    verificationDays: days,
    graceDays: days,
    handOverFromMicros: micros.nullable(),
  })
  .strict()
  .openapi('NegotiationStage');

export const newNegotiationSchema = z
  .object({
    key: z.string().regex(/^[a-z0-9-]{2,40}$/, 'must be lower-case letters, digits and dashes'),
    title: textSchema(120),
    identityFirst: z
      .boolean()
      .default(true)
      .openapi({ description: 'Nothing of a debt is told before the person has said who they are.' }),
    stages: z.tuple([stageSchema], stageSchema),
  })
  .strict()
  .openapi('NewNegotiation');

export const storedNegotiationSchema = newNegotiationSchema
  .extend({ id: idSchema, version: z.int(), shipped: z.boolean() })
  .openapi('Negotiation');

export const negotiationsSchema = z
  .object({ negotiations: z.array(storedNegotiationSchema) })
  .openapi('Negotiations');

export function presentNegotiation({
  id,
  shipped,
  negotiation,
}: StoredNegotiation): z.infer<typeof storedNegotiationSchema> {
  const { stages, ...rest } = negotiation;
  const [first, ...others] = stages.map((stage) => ({
    ...stage,
    offers: { ...stage.offers, discountLadder: [...stage.offers.discountLadder] },
  }));
  if (first === undefined) throw new Error(`negotiation ${id} has no stage`);
  return { id, shipped, ...rest, stages: [first, ...others] };
}
