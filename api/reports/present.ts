import type { z } from '@hono/zod-openapi';
import { stateWords } from '../../domain/batches/rules/result-words.ts';
import { outcomeInWords } from '../../domain/contacts/rules/labels.ts';
import type { Activity, ActivityNumbers } from '../../domain/reports/activity.ts';
import { useCaseByKey } from '../../domain/usecases/registry.ts';
import type { activitySchema } from './schemas.ts';

export type ActivityJson = z.infer<typeof activitySchema>;

export function presentActivity(activity: Activity): ActivityJson {
  const { asOf, zone, batch, days, totals, states, cost } = activity;
  return {
    as_of: asOf.toISOString(),
    zone,
    batch,
    days,
    totals: numbersOf(totals),
    states: states.map(({ state, outcome, contacts }) => ({
      state,
      state_es: stateWords[state],
      outcome,
      outcome_es: outcome === null ? null : outcomeInWords(outcome),
      contacts,
    })),
    by_day: [...activity.byDay],
    by_hour: [...activity.byHour],
    batches: activity.batches.map(({ batchId, name, useCase, ...rest }) => ({
      batch_id: batchId,
      name,
      use_case: useCase,
      ...numbersOf(rest),
    })),
    batches_left_out: activity.batchesLeftOut,
    use_cases: activity.useCases.map(({ useCase, ...rest }) => ({
      use_case: useCase,
      use_case_es: useCaseByKey(useCase)?.title.es ?? useCase,
      ...numbersOf(rest),
    })),
    cost: {
      charged: cost.charged.map(presentCost),
      provider: presentCost(cost.provider),
      billable_seconds: cost.billableSeconds,
    },
    phones: activity.phones.map(({ isMain, ...some }) => ({ phone: isMain ? 'main' : 'other', ...some })),
    attempts_per_contact: [...activity.attempts],
  };
}

function numbersOf({ contacts, closed, withResult, calls, answered }: ActivityNumbers) {
  return { contacts, closed, with_result: withResult, calls, answered };
}

function presentCost({ total, calls, perCall }: Activity['cost']['provider']) {
  return { total, calls, per_call: perCall };
}
