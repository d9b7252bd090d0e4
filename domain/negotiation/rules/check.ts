import type { Negotiation, Offers, Stage } from './types.ts';

/** What is wrong with a negotiation, and where: `stages.1.offers.floorPercent`. */
export interface NegotiationFault {
  readonly field: string;
  readonly es: string;
  readonly en: string;
}

/** Longest that anything here may take: a promise for next year is none. */
const longestDays = 365;
const mostInstalments = 60;

/**
 * What an operator's own negotiation must keep to beyond its shape. Empty: it may be stored. Each fault names the field
 * that must change.
 */
export function checkNegotiation(negotiation: Negotiation): readonly NegotiationFault[] {
  const faults = negotiation.stages.flatMap((stage, index) => checkStage(stage, `stages.${index}`));
  const keys = negotiation.stages.map(({ key }) => key);
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) < index) {
      faults.push(
        fault(`stages.${index}.key`, `la etapa "${key}" se repite`, `stage "${key}" is there twice`),
      );
    }
  }
  return [...faults, ...checkReach(negotiation)];
}

/** A stage that no person can be in is a slip of whoever wrote it. */
function checkReach({ stages }: Negotiation): readonly NegotiationFault[] {
  return stages.flatMap((stage, index) => {
    const covering = stages.slice(0, index).findIndex((earlier) => covers(earlier, stage));
    if (covering === -1) return [];
    return [
      fault(
        `stages.${index}.fromDays`,
        `nadie llega a esta etapa: la etapa ${covering + 1} la cubre entera`,
        `nobody reaches this stage: stage ${covering + 1} covers all of it`,
      ),
    ];
  });
}

function covers(one: Stage, other: Stage): boolean {
  const upTo = (mine: number | null, theirs: number | null): boolean =>
    mine === null || (theirs !== null && theirs <= mine);
  return (
    one.fromDays <= other.fromDays &&
    upTo(one.toDays, other.toDays) &&
    one.fromMicros <= other.fromMicros &&
    upTo(one.toMicros, other.toMicros)
  );
}

function checkStage(stage: Stage, at: string): NegotiationFault[] {
  const faults = checkOffers(stage.offers, `${at}.offers`);
  const { fromDays, toDays, fromMicros, toMicros } = stage;
  if (toDays !== null && toDays < fromDays) {
    faults.push(fault(`${at}.toDays`, 'termina antes de empezar', 'ends before it begins'));
  }
  if (toMicros !== null && toMicros < fromMicros) {
    faults.push(fault(`${at}.toMicros`, 'termina antes de empezar', 'ends before it begins'));
  }
  const spans = {
    fromDays,
    verificationDays: stage.verificationDays,
    graceDays: stage.graceDays,
    'refusal.pauseDays': stage.refusal.pauseDays,
  };
  for (const [name, days] of Object.entries(spans)) {
    const longest = name === 'fromDays' ? Number.MAX_SAFE_INTEGER : longestDays;
    if (!isWhole(days, 0, longest)) faults.push(between(`${at}.${name}`, 0, longest));
  }
  if (!isWhole(stage.broken.handOverAt, 1, 100)) faults.push(between(`${at}.broken.handOverAt`, 1, 100));
  return faults;
}

function checkOffers(offers: Offers, at: string): NegotiationFault[] {
  const faults: NegotiationFault[] = [];
  const { discountLadder, floorPercent, instalments, longestPromiseDays, leastPartPercent } = offers;
  const percents = { floorPercent, leastPartPercent };
  const named = Object.entries(percents).map(([name, percent]) => ({ field: `${at}.${name}`, percent }));
  const steps = discountLadder.map((percent, index) => ({ field: `${at}.discountLadder.${index}`, percent }));
  for (const { field, percent } of [...named, ...steps]) {
    // Shares are kept to the hundredth; 12.345 % would be another discount than the one that was written.
    if (Math.round(percent * 100) / 100 !== percent) {
      faults.push(fault(field, 'tiene más de dos decimales', 'has more than two decimals'));
    }
  }
  if (!(floorPercent > 0 && floorPercent <= 100)) faults.push(between(`${at}.floorPercent`, 1, 100));
  for (const [index, percent] of discountLadder.entries()) {
    const before = discountLadder[index - 1] ?? 0;
    if (percent <= before || percent >= 100) {
      faults.push(
        fault(
          `${at}.discountLadder.${index}`,
          'cada descuento debe ser mayor que el anterior y menor que 100',
          'each discount must be above the one before, and below 100',
        ),
      );
    } else if (percent > 100 - floorPercent) {
      faults.push(
        fault(
          `${at}.discountLadder.${index}`,
          `deja menos que el piso de ${floorPercent} %`,
          `leaves less than the floor of ${floorPercent} %`,
        ),
      );
    }
  }
  if (!isWhole(longestPromiseDays, 0, longestDays)) {
    faults.push(between(`${at}.longestPromiseDays`, 0, longestDays));
  }
  if (!(leastPartPercent > 0 && leastPartPercent <= 100))
    faults.push(between(`${at}.leastPartPercent`, 1, 100));
  if (instalments === null) return faults;
  const { min, max, minMicros, longestGapDays } = instalments;
  if (!isWhole(min, 2, mostInstalments)) faults.push(between(`${at}.instalments.min`, 2, mostInstalments));
  if (!isWhole(max, min, mostInstalments))
    faults.push(between(`${at}.instalments.max`, min, mostInstalments));
  if (!isWhole(minMicros, 0, Number.MAX_SAFE_INTEGER)) {
    faults.push(between(`${at}.instalments.minMicros`, 0, Number.MAX_SAFE_INTEGER));
  }
  if (!isWhole(longestGapDays, 1, longestDays)) {
    faults.push(between(`${at}.instalments.longestGapDays`, 1, longestDays));
  }
  return faults;
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function between(field: string, least: number, most: number): NegotiationFault {
  return fault(
    field,
    `debe ser un número entero de ${least} a ${most}`,
    `must be a whole number from ${least} to ${most}`,
  );
}

function fault(field: string, es: string, en: string): NegotiationFault {
  return { field, es, en };
}
