import type { RulePack } from '../pack.ts';
import type { RulePackV1 } from '../pack-v1.ts';
import { clCollectionStrict } from './cl-collection-strict.ts';
import { clCollectionWaves1 } from './cl-collection-waves-1.ts';
import { clCollectionWaves } from './cl-collection-waves.ts';
import { coCollection } from './co-collection.ts';
import { demoPack1 } from './demo-1.ts';
import { demoPack } from './demo.ts';
import { peCollection } from './pe-collection.ts';
import { usRegfCollection } from './us-regf-collection.ts';

/** Every pack that ships, newest version. To add one, write its file and name it here. */
export const rulePacks: readonly RulePack[] = [
  clCollectionStrict,
  clCollectionWaves,
  coCollection,
  peCollection,
  usRegfCollection,
  demoPack,
];

/** Versions that batches may still run under. A stored version is never edited. */
export const formerPacks: readonly (RulePack | RulePackV1)[] = [clCollectionWaves1, demoPack1];

/** The pack of that key, newest version. Undefined when there is none. */
export function findPack(key: string): RulePack | undefined {
  return rulePacks.find((pack) => pack.key === key);
}
