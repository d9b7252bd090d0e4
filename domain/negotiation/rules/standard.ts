/* oxlint-disable unicorn/no-thenable -- `then` is a word here, and a promise would only call a function */
import type { Negotiation } from './types.ts';

const pesoMicros = 1_000_000;

/**
 * How collections are negotiated unless an account has its own: three stages by the days since the debt was due, with offers that give nothing
 * away early and leave an answer late.
 */
export const collectionStandard: Negotiation = {
  key: 'collection-standard',
  version: 1,
  title: 'Cobranza: temprana, media y tardía',
  identityFirst: true,
  stages: [
    {
      key: 'early',
      title: 'Mora temprana, hasta 30 días',
      fromDays: 0,
      toDays: 30,
      fromMicros: 0,
      toMicros: null,
      script: 'debt_collection_script_v1',
      agentId: null,
      offers: {
        discountLadder: [],
        floorPercent: 100,
        instalments: { min: 2, max: 3, minMicros: 20_000 * pesoMicros, longestGapDays: 31 },
        longestPromiseDays: 10,
        leastPartPercent: 30,
      },
      broken: { then: 'call_again', handOverAt: 3 },
      refusal: { then: 'call_again', pauseDays: 7 },
      verificationDays: 3,
      graceDays: 2,
      handOverFromMicros: null,
    },
    {
      key: 'mid',
      title: 'Mora media, de 31 a 90 días',
      fromDays: 31,
      toDays: 90,
      fromMicros: 0,
      toMicros: null,
      script: 'debt_collection_script_v1',
      agentId: null,
      offers: {
        discountLadder: [5, 10],
        floorPercent: 90,
        instalments: { min: 2, max: 6, minMicros: 20_000 * pesoMicros, longestGapDays: 31 },
        longestPromiseDays: 15,
        leastPartPercent: 25,
      },
      broken: { then: 'call_again', handOverAt: 2 },
      refusal: { then: 'call_again', pauseDays: 14 },
      verificationDays: 3,
      graceDays: 2,
      handOverFromMicros: null,
    },
    {
      key: 'late',
      title: 'Mora tardía, más de 90 días',
      fromDays: 91,
      toDays: null,
      fromMicros: 0,
      toMicros: null,
      script: 'debt_collection_script_v1',
      agentId: null,
      offers: {
        discountLadder: [10, 20, 30],
        floorPercent: 70,
        instalments: { min: 2, max: 12, minMicros: 15_000 * pesoMicros, longestGapDays: 31 },
        longestPromiseDays: 20,
        leastPartPercent: 20,
      },
      broken: { then: 'hand_over', handOverAt: 1 },
      refusal: { then: 'close', pauseDays: 0 },
      verificationDays: 5,
      graceDays: 3,
      handOverFromMicros: 10_000_000 * pesoMicros,
    },
  ],
};

/** Every negotiation that ships; an account's own are in the catalogue. */
export const negotiations: readonly Negotiation[] = [collectionStandard];
