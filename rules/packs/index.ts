import type { RulePack } from '../pack.ts';
import { clCollectionWaves } from './cl-collection-waves.ts';
import { demoPack } from './demo.ts';

/** Every pack that ships. To add one, write its file and name it here. */
export const rulePacks: readonly RulePack[] = [clCollectionWaves, demoPack];

/** The pack of that key, newest version. Undefined when there is none. */
export function findPack(key: string): RulePack | undefined {
  return rulePacks.find((pack) => pack.key === key);
}
