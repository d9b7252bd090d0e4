import { describe, expect, it } from 'vitest';
import { checkNegotiation } from '../../../domain/negotiation/rules/check.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import type { Negotiation, Offers, Stage } from '../../../domain/negotiation/rules/types.ts';

const [early] = collectionStandard.stages;
const with_ = (stage: Partial<Stage>): Negotiation => ({
  ...collectionStandard,
  stages: [{ ...early, ...stage }],
});
const offering = (offers: Partial<Offers>): Negotiation => with_({ offers: { ...early.offers, ...offers } });
const fields = (negotiation: Negotiation) => checkNegotiation(negotiation).map(({ field }) => field);

describe("an operator's own negotiation", () => {
  it('has no fault in what ships', () => {
    expect(checkNegotiation(collectionStandard)).toEqual([]);
    expect(collectionStandard.identityFirst).toBe(true);
  });

  it('is refused by the field that is wrong', () => {
    expect(fields(offering({ floorPercent: 0 }))).toEqual(['stages.0.offers.floorPercent']);
    expect(fields(offering({ floorPercent: 80, discountLadder: [10, 21] }))).toEqual([
      'stages.0.offers.discountLadder.1',
    ]);
    expect(fields(offering({ floorPercent: 80, discountLadder: [20] }))).toEqual([]);
    expect(fields(offering({ floorPercent: 50, discountLadder: [20, 10] }))).toEqual([
      'stages.0.offers.discountLadder.1',
    ]);
    expect(fields(offering({ floorPercent: 50, discountLadder: [20, 20] }))).toEqual([
      'stages.0.offers.discountLadder.1',
    ]);
    expect(fields(offering({ longestPromiseDays: 366 }))).toEqual(['stages.0.offers.longestPromiseDays']);
    expect(fields(offering({ leastPartPercent: 101 }))).toEqual(['stages.0.offers.leastPartPercent']);
    const instalments = { min: 1, max: 61, minMicros: -1, longestGapDays: 0 };
    expect(fields(offering({ instalments }))).toEqual([
      'stages.0.offers.instalments.min',
      'stages.0.offers.instalments.max',
      'stages.0.offers.instalments.minMicros',
      'stages.0.offers.instalments.longestGapDays',
    ]);
    expect(fields(with_({ fromDays: 10, toDays: 9 }))).toEqual(['stages.0.toDays']);
    expect(fields(with_({ fromMicros: 10, toMicros: 9 }))).toEqual(['stages.0.toMicros']);
    expect(fields(with_({ graceDays: -1, verificationDays: 1.5 }))).toEqual([
      'stages.0.verificationDays',
      'stages.0.graceDays',
    ]);
  });

  it('has no stage that is there twice, or that nobody can reach', () => {
    const twice: Negotiation = {
      ...collectionStandard,
      stages: [early, { ...early, fromDays: 31, toDays: null }],
    };
    expect(fields(twice)).toEqual(['stages.1.key']);
    const covered: Negotiation = {
      ...collectionStandard,
      stages: [
        { ...early, toDays: null },
        { ...early, key: 'late', fromDays: 91, toDays: null },
      ],
    };
    expect(fields(covered)).toEqual(['stages.1.fromDays']);
  });
});
