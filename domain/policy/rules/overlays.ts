import { isIn, plainWords } from '../../shared/rules/plain-text.ts';
import type { RulePack } from './pack.ts';
import { isKnownState } from './zones.ts';

/**
 * The pack with the limits of every overlay under which a person may live: those that name the place, and all of them where
 * what is known names no state. A limit that is there twice is the stricter one: both hold.
 */
export function withOverlays(pack: RulePack, region: string | null): RulePack {
  const { overlays = [] } = pack;
  const said = plainWords(region ?? '');
  const named = overlays.filter(({ places }) => places.some((place) => isIn(plainWords(place), said)));
  const isKnown = named.length > 0 || (region !== null && isKnownState(region));
  const limits = (isKnown ? named : overlays).flatMap((overlay) => overlay.limits);
  return limits.length === 0 ? pack : { ...pack, limits: [...pack.limits, ...limits] };
}
