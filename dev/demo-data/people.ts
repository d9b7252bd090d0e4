/** Invented debtors. Deterministic: the same seed and count give the same people, on every machine. */

/** Numbers in [0, 1) from a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface DemoPerson {
  /** Body of the RUT, without its check digit. */
  readonly rutBody: number;
  readonly name: string;
  /** Nine national digits of a mobile: 9[2-9] and seven more. */
  readonly mobile: string;
  /** On a third of the people. */
  readonly secondMobile?: string;
  /** Whole pesos. */
  readonly amount: number;
  /** 'YYYY-MM-DD', overdue by 1 to 150 days on `DEMO_TODAY`. */
  readonly dueDate: string;
  readonly creditor: string;
  readonly region: string;
  readonly instalments: number;
}

/** The day that due dates count back from: a fixed one, so that two runs of the generator give one file. */
export const DEMO_TODAY = '2026-11-23';

const GIVEN_NAMES =
  'Ana Benjamín Camila Catalina Constanza Cristóbal Diego Fernanda Íñigo Javiera José Juan María Matías Ñusta Pedro Rocío Sebastián Tomás Valentina'.split(
    ' ',
  );
const FAMILY_NAMES =
  "Araya Contreras Díaz Fuentes González Hernández López Martínez Morales Muñoz Ñancupil Núñez O'Ryan Pérez Rodríguez Rojas Sepúlveda Silva Soto Zúñiga".split(
    ' ',
  );
export const CREDITORS = ['Banco del Sur', 'Retail Andes', 'Tricell Móvil'] as const;
/** The first three make sure that each of Chile's clocks is in any file of five rows. */
const REGIONS = [
  'Magallanes',
  'Isla de Pascua',
  'Aysén',
  'Metropolitana',
  'Valparaíso',
  'Biobío',
  'Región de La Araucanía',
  'Los Lagos',
  'Antofagasta',
] as const;

/** `count` distinct people: no RUT and no phone twice. */
export function invent(count: number, seed: number): DemoPerson[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly [T, ...T[]] | readonly T[], fallback: T): T =>
    items[below(items.length)] ?? fallback;
  const start = below(900_000);
  return Array.from({ length: count }, (_, index): DemoPerson => {
    const first = pick(GIVEN_NAMES, 'Ana');
    // Steps that share no factor with the range never meet: distinct without a table of those taken.
    const serial = (start + index * 7_919) % 10_000_000;
    const mobile = `9${2 + below(4)}${String(serial).padStart(7, '0')}`;
    const second = `9${6 + below(4)}${String((serial + 5_000_011) % 10_000_000).padStart(7, '0')}`;
    return {
      rutBody: 7_000_000 + ((start * 3 + index * 104_729) % 19_000_000),
      name: `${first} ${pick(FAMILY_NAMES, 'Soto')} ${pick(FAMILY_NAMES, 'Rojas')}`,
      mobile,
      ...(index % 3 === 0 ? { secondMobile: second } : {}),
      amount: 25_000 + below(875_000),
      dueDate: daysBefore(DEMO_TODAY, 1 + below(150)),
      creditor: pick(CREDITORS, 'Banco del Sur'),
      region: (index < 3 ? REGIONS[index] : undefined) ?? pick(REGIONS, 'Metropolitana'),
      instalments: 1 + below(6),
    };
  });
}

function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}
