import type { RulePack } from '../pack.ts';
import { clCollectionStrict } from './cl-collection-strict.ts';
import { clCollectionWaves } from './cl-collection-waves.ts';
import { coCollection } from './co-collection.ts';
import { demoPack } from './demo.ts';
import { peCollection } from './pe-collection.ts';
import { usRegfCollection } from './us-regf-collection.ts';
import { usStrictCollection } from './us-strict-collection.ts';

/**
 * Every pack that ships, newest version. To add one, write its file and name it here. What a batch runs under is the
 * version that is stored: a changed pack takes the next number, and the row of the former one stays as it is.
 */
export const rulePacks: readonly RulePack[] = [
  clCollectionStrict,
  clCollectionWaves,
  coCollection,
  peCollection,
  usRegfCollection,
  usStrictCollection,
  demoPack,
];

/** The pack of that key, newest version. Undefined when there is none. */
export function findPack(key: string): RulePack | undefined {
  return rulePacks.find((pack) => pack.key === key);
}
