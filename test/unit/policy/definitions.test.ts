import { describe, expect, it } from 'vitest';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { rulePacks } from '../../../domain/policy/rules/packs/index.ts';
import { parseNegotiation, parsePack, parsePolicy } from '../../../domain/policy/rules/parse.ts';
import { collectionWaves, demoPolicy, policies } from '../../../domain/policy/rules/policy.ts';

const stored = (definition: object): unknown => JSON.parse(JSON.stringify(definition));

/** Every field of an object left out in turn. */
function without(definition: object): readonly (readonly [field: string, definition: unknown])[] {
  return Object.keys(definition).map((field) => {
    const entries = Object.entries(definition).filter(([name]) => name !== field);
    return [field, stored(Object.fromEntries(entries))];
  });
}

describe('stored definitions', () => {
  it('that ship are whole', () => {
    for (const policy of policies) expect(parsePolicy(stored(policy))).toEqual(policy);
    for (const pack of rulePacks) expect(parsePack(stored(pack))).toEqual(pack);
    expect(parseNegotiation(stored(collectionStandard))).toEqual(collectionStandard);
  });

  it('of a policy lack no field: a lease would end at NaN', () => {
    for (const [field, definition] of without(collectionWaves)) {
      expect(() => parsePolicy(definition), field).toThrow(`the stored policy.${field}`);
    }
    expect(() => parsePolicy(stored({ ...collectionWaves, ringMs: null }))).toThrow(
      'policy.ringMs must be a number',
    );
    expect(() => parsePolicy(stored({ ...demoPolicy, schedule: { mode: 'never' } }))).toThrow(
      'policy.schedule.mode',
    );
    expect(() => parsePolicy('policy')).toThrow('must be an object');
  });

  it('of a pack lack no field, and count over no more days than are read', () => {
    const [pack] = rulePacks;
    if (pack === undefined) throw new Error('no pack ships');
    const optional = ['messageWindows', 'windows'];
    for (const [field, definition] of without(pack)) {
      if (!optional.includes(field)) expect(() => parsePack(definition), field).toThrow(`rule pack.${field}`);
    }
    const silent = { ...pack, coolDown: { ...pack.coolDown, days: 40 } };
    expect(() => parsePack(stored(silent))).toThrow('rule pack.coolDown.days must be at most 39');
    const [limit] = pack.limits;
    const limits = [{ ...limit, per: { kind: 'rolling_days', days: 60 } }];
    expect(() => parsePack(stored({ ...pack, limits }))).toThrow('rule pack.limits[0].per.days');
  });

  it('of a negotiation lack no field of a stage', () => {
    const [stage] = collectionStandard.stages;
    for (const [field, broken] of without(stage)) {
      const definition = stored({ ...collectionStandard, stages: [broken] });
      expect(() => parseNegotiation(definition), field).toThrow(`negotiation.stages[0].${field}`);
    }
  });
});
