import { z } from '@hono/zod-openapi';
import { form, idSchema, instantSchema, maybe, nextCursorSchema, otherwise, textSchema } from '../schemas.ts';

/** A hundred thousand take some twenty seconds of a processor; half a minute is the bound. */
const mostContacts = 100_000;

export const newForecastSchema = z
  .object({
    contacts: z.int().min(1).max(mostContacts).openapi({ description: 'People, who are invented.' }),
    lines: z.int().min(1).max(1_000).openapi({ description: 'Calls at once.' }),
    pack: textSchema(60).openapi({
      example: 'cl-collection-waves',
      description: 'Rule pack, of any that ship.',
    }),
    policy: otherwise(textSchema(60), 'collection-waves'),
    group: maybe(z.int().min(1).max(mostContacts)).openapi({ description: 'People a day. Default: all.' }),
    days: otherwise(z.int().min(1).max(120), 60).openapi({ description: 'How many days are looked at.' }),
    start: maybe(z.iso.date()).openapi({ description: 'Local day; default: tomorrow.' }),
    zone: maybe(textSchema(60)).openapi({
      example: 'America/Santiago',
      description: 'Default: the zones of the pack’s country.',
    }),
    usd_per_minute: otherwise(z.number().min(0).max(1_000), 0.04),
    seed: otherwise(form(/^[A-Za-z0-9_-]{1,40}$/, 'seed'), '1').openapi({
      description: 'All chance comes from here: the same seed is the same story.',
    }),
  })
  .strict()
  .openapi('NewForecast');

const spread = z.object({ value: z.number(), p10: z.number(), p90: z.number() }).openapi('Spread', {
  description: 'Of ten such batches, eight are between p10 and p90.',
});
const counts = z.record(z.string(), z.number());

export const summarySchema = z
  .object({
    contacts: z.int(),
    closed: z.int(),
    calls: spread,
    reached: spread,
    minutes: spread,
    costUsd: spread,
    peakLines: z.int(),
    lineUse: z.number(),
    finishedOn: z.string().nullable(),
    lastCallOn: z.string().nullable(),
    outcomes: counts,
    refusals: counts,
    recovered: z.number(),
    days: z.array(
      z.object({ day: z.int(), localDay: z.string(), calls: z.int(), reached: spread, closed: z.int() }),
    ),
  })
  .openapi('ForecastSummary');

export const termsSchema = z
  .object({
    contacts: z.int(),
    lines: z.int(),
    policy: z.string(),
    pack: z.string(),
    group: z.int().nullable(),
    days: z.int(),
    start: z.string(),
    zone: z.string().nullable(),
    usdPerMinute: z.number(),
    seed: z.string(),
  })
  .openapi('ForecastTerms');

export const resultSchema = z.object({ summary: summarySchema, decisions: z.int() });

export const forecastSchema = z
  .object({
    id: idSchema,
    state: z.enum(['running', 'done', 'failed']),
    terms: termsSchema,
    result: summarySchema.nullable(),
    failure: z
      .object({ code: z.enum(['too_slow', 'too_large', 'broken', 'lost']), es: z.string(), en: z.string() })
      .nullable(),
    created_at: instantSchema,
    ended_at: instantSchema.nullable(),
  })
  .openapi('Forecast');

export const forecastPageSchema = z
  .object({ forecasts: z.array(forecastSchema), next_cursor: nextCursorSchema })
  .openapi('ForecastPage');
