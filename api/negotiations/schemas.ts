/* oxlint-disable unicorn/no-thenable -- `then` is a word of a negotiation, and a promise would only call a function */
import { z } from '@hono/zod-openapi';
import type { StoredNegotiation } from '../../domain/negotiation/negotiations.ts';
import { form, idSchema, otherwise, textSchema } from '../schemas.ts';

/** To the hundredth: `checkNegotiation` says so, because 0.01 is no binary fraction, and `multipleOf` means another thing everywhere. */
const percent = z.number().min(0).max(100);
const days = z.int().min(0).max(100_000);
/** Said in the document too, because generators know no safe integers. */
const whole = z.int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
const micros = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .openapi({ description: 'Micro-units of the debt’s currency: 1 CLP is 1000000.' });

const stageSchema = z
  .object({
    key: form(/^[a-z0-9-]{2,40}$/, 'key'),
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
          .object({ min: whole, max: whole, minMicros: micros, longestGapDays: whole })
          .strict()
          .nullable(),
        longestPromiseDays: days,
        leastPartPercent: percent,
      })
      .strict(),
    broken: z.object({ then: z.enum(['call_again', 'hand_over', 'close']), handOverAt: whole }).strict(),
    refusal: z.object({ then: z.enum(['close', 'call_again']), pauseDays: days }).strict(),
    verificationDays: days,
    graceDays: days,
    handOverFromMicros: micros.nullable(),
  })
  .strict()
  .openapi('NegotiationStage');

const fields = {
  key: form(/^[a-z0-9-]{2,40}$/, 'key'),
  title: textSchema(120),
  stages: z.array(stageSchema).min(1).max(50),
};
const first = { description: 'Nothing of a debt is told before the person has said who they are.' };

export const newNegotiationSchema = z
  .object({ ...fields, identityFirst: otherwise(z.boolean(), true).openapi(first) })
  .strict()
  .openapi('NewNegotiation');

export const storedNegotiationSchema = z
  .object({
    ...fields,
    identityFirst: z.boolean().openapi(first),
    id: idSchema,
    version: z.int(),
    shipped: z.boolean(),
  })
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
  const shown = stages.map((stage) => ({
    ...stage,
    offers: { ...stage.offers, discountLadder: [...stage.offers.discountLadder] },
  }));
  return { id, shipped, ...rest, stages: shown };
}
