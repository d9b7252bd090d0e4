import { type Meaning, meaningOf, type Said } from './spoken-time/meaning.ts';

/** When a person wants to be called, as they or a machine said it. */
export interface SaidWish {
  /** 'YYYY-MM-DD', or words: 'mañana', 'el lunes', '15 de marzo', 'en tres días'. */
  readonly day?: string | undefined;
  /** 'HH:mm', or words: 'a las 3 de la tarde', '10 y media', 'mediodía'. */
  readonly time?: string | undefined;
  /** Both in one sentence: 'mañana a las diez', 'en 20 minutos'. */
  readonly text?: string | undefined;
  /** ISO 8601 with an offset, instead of all that; without one it is read on the person's clock. */
  readonly at?: string | undefined;
}

/**
 * What a wish means on the person's clock. Pure. What was not said is never made up, and of what was said nothing is
 * passed over, in whichever field it stands: the agent asks.
 */
export function readWish(wish: SaidWish, nowMs: number, zone: string): Meaning {
  const at = wish.at?.trim() ?? '';
  if (at !== '') return { kind: 'instant', at };
  const said: readonly Said[] = (['day', 'time', 'text'] as const).map((place) => ({
    text: wish[place] ?? '',
    place,
  }));
  return meaningOf(said, nowMs, zone);
}
