import { chance } from '../rehearsal/rules/chance.ts';
import type { ZoneCalendar } from './calendar.ts';
import type { Forecast, ForecastLife } from './types.ts';

/** A figure, and how far chance alone may carry it: of ten batches, eight end between P10 and P90. */
export interface Spread {
  readonly value: number;
  readonly p10: number;
  readonly p90: number;
}

export interface DaySummary {
  /** 1: the first local day with a call. */
  readonly day: number;
  readonly localDay: string;
  readonly calls: number;
  /** Contacts whose human has been on the phone by the end of this day. */
  readonly reached: Spread;
  readonly closed: number;
}

export interface ForecastSummary {
  readonly contacts: number;
  readonly closed: number;
  readonly calls: Spread;
  readonly reached: Spread;
  /** Minutes of call that are paid for. */
  readonly minutes: Spread;
  /** USD, by the tariff. */
  readonly costUsd: Spread;
  readonly peakLines: number;
  /** Share of line time in use between first and last call of each day. */
  readonly lineUse: number;
  /** Local day of the last contact's end; null: some are still open when the forecast ends. */
  readonly finishedOn: string | null;
  /** Local day of the last call. */
  readonly lastCallOn: string | null;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Units of the debt's currency. */
  readonly recovered: number;
  readonly days: readonly DaySummary[];
}

export interface SummaryTerms {
  readonly seed: string;
  readonly usdPerMinute: number;
  readonly lines: number;
  readonly calendar: Pick<ZoneCalendar, 'local'>;
}

/** Contacts are put into so many groups, and the groups drawn again so often: a bootstrap over people. */
const groups = 100;
const draws = 200;

/** The figures of a forecast. Pure: the same forecast and seed, the same figures. */
export function summarise(forecast: Forecast, terms: SummaryTerms): ForecastSummary {
  const { lives } = forecast;
  const days = daysOf(lives);
  const spread = (of: (life: ForecastLife) => number): Spread => spreadOf(lives, of, terms.seed);
  const seconds = (life: ForecastLife): number =>
    life.calls.reduce((sum, call) => sum + call.billableSeconds, 0);
  const minutes = spread((life) => seconds(life) / 60);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of lives)
    outcomes[outcome ?? 'still_open'] = (outcomes[outcome ?? 'still_open'] ?? 0) + 1;
  const closed = lives.filter(({ closedAtMs }) => closedAtMs !== null);
  const lastClosedMs = closed.reduce((last, life) => Math.max(last, life.closedAtMs ?? 0), 0);
  return {
    contacts: lives.length,
    closed: closed.length,
    calls: spread((life) => life.calls.length),
    reached: spread((life) => (life.calls.some(({ human }) => human) ? 1 : 0)),
    minutes,
    costUsd: scaled(minutes, terms.usdPerMinute),
    peakLines: forecast.peakLines,
    lineUse: lineUse(lives, terms.lines),
    finishedOn: closed.length === lives.length ? terms.calendar.local(lastClosedMs).localDay : null,
    lastCallOn: days.at(-1) ?? null,
    outcomes,
    refusals: forecast.refusals,
    recovered: Number(forecast.recoveredMicros / 1_000_000n),
    days: days.map((localDay, index) => ({
      day: index + 1,
      localDay,
      calls: lives.reduce((sum, life) => sum + callsOn(life, localDay), 0),
      reached: spread((life) => (life.calls.some((call) => call.human && call.localDay <= localDay) ? 1 : 0)),
      closed: closed.filter((life) => terms.calendar.local(life.closedAtMs ?? 0).localDay <= localDay).length,
    })),
  };
}

function daysOf(lives: readonly ForecastLife[]): readonly string[] {
  return [...new Set(lives.flatMap(({ calls }) => calls.map(({ localDay }) => localDay)))].sort();
}

function callsOn({ calls }: ForecastLife, localDay: string): number {
  return calls.reduce((sum, call) => sum + (call.localDay === localDay ? 1 : 0), 0);
}

function scaled({ value, p10, p90 }: Spread, by: number): Spread {
  return { value: value * by, p10: p10 * by, p90: p90 * by };
}

function spreadOf(lives: readonly ForecastLife[], of: (life: ForecastLife) => number, seed: string): Spread {
  const sums = new Float64Array(Math.max(1, Math.min(groups, lives.length)));
  let value = 0;
  for (const [index, life] of lives.entries()) {
    const one = of(life);
    value += one;
    sums[index % sums.length] = (sums[index % sums.length] ?? 0) + one;
  }
  const totals = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    for (let place = 0; place < sums.length; place += 1) {
      const drawn = Math.floor(chance(seed, 'spread', draw, place) * sums.length);
      totals[draw] = (totals[draw] ?? 0) + (sums[drawn] ?? 0);
    }
  }
  totals.sort();
  const at = (share: number): number => totals[Math.floor(share * (draws - 1))] ?? value;
  return { value, p10: at(0.1), p90: at(0.9) };
}

/** Line time in use over line time that was there, from the first to the last call of each day. */
function lineUse(lives: readonly ForecastLife[], lines: number): number {
  const perDay = new Map<string, { firstMs: number; lastMs: number; busyMs: number }>();
  for (const { calls } of lives) {
    for (const { localDay, atMs, seconds } of calls) {
      const endMs = atMs + seconds * 1_000;
      const day = perDay.get(localDay) ?? { firstMs: atMs, lastMs: endMs, busyMs: 0 };
      perDay.set(localDay, {
        firstMs: Math.min(day.firstMs, atMs),
        lastMs: Math.max(day.lastMs, endMs),
        busyMs: day.busyMs + seconds * 1_000,
      });
    }
  }
  let [busyMs, thereMs] = [0, 0];
  for (const day of perDay.values()) {
    busyMs += day.busyMs;
    thereMs += (day.lastMs - day.firstMs) * lines;
  }
  return thereMs === 0 ? 0 : busyMs / thereMs;
}
