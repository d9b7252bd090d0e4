import { DateTime } from 'luxon';
import { legalWindowsOfDay, localDayOf, localMinute, type LegalWindow, type Zones } from './calendar.ts';
import { weekdayAndDay } from '../../shared/rules/written-instants.ts';
import type { RulePack } from './pack.ts';
import type { Policy } from './policy.ts';
import type { Slot } from './slot.ts';

export interface PlanRequest {
  readonly policy: Policy;
  readonly pack: RulePack;
  readonly zones: Zones;
  /** Slots that close after this instant. */
  readonly fromMs: number;
  /** The contact's opening: the origin of interval waves. */
  readonly anchorMs: number;
  readonly count: number;
}

/** How many local days are searched: the longest closed stretch of any pack is far shorter. */
const searchDays = 45;

/** The next `count` slots, in order. Fewer only when the pack allows nothing for `searchDays` days. */
export function planSlots(request: PlanRequest): readonly Slot[] {
  if (request.policy.schedule.mode === 'interval') return planIntervals(request);
  const [zone] = request.zones;
  const slots: Slot[] = [];
  let day = DateTime.fromISO(localDayOf(zone, request.fromMs), { zone });
  for (let searched = 0; searched < searchDays && slots.length < request.count; searched += 1) {
    for (const slot of slotsOfDay(request, day)) {
      if (slot.closesAtMs > request.fromMs && slots.length < request.count) slots.push(slot);
    }
    day = day.plus({ days: 1 });
  }
  return slots;
}

/** The slot around one wished instant, for a reschedule: the legal window of that day. Undefined when it is not allowed. */
export function slotAt(pack: RulePack, zones: Zones, atMs: number): Slot | undefined {
  const [zone] = zones;
  const localDay = localDayOf(zone, atMs);
  const window = legalWindowsOfDay(pack, zones, localDay).find(
    ({ opensAtMs, closesAtMs }) => opensAtMs <= atMs && atMs < closesAtMs,
  );
  if (window === undefined) return undefined;
  const local = DateTime.fromMillis(atMs, { zone });
  return {
    key: `reagendada/${local.toFormat("yyyy-MM-dd'T'HH:mm")}`,
    opensAtMs: atMs,
    closesAtMs: window.closesAtMs,
    localDay,
    label: `la llamada acordada para las ${local.toFormat('HH:mm')} del ${weekdayAndDay(local)}`,
  };
}

function slotsOfDay({ policy, pack, zones }: PlanRequest, day: DateTime): readonly Slot[] {
  const [zone] = zones;
  const localDay = day.toISODate() ?? '';
  const windows = legalWindowsOfDay(pack, zones, localDay);
  const { schedule } = policy;
  if (schedule.mode !== 'waves') {
    return windows.map((window, index) => ({
      ...window,
      key: `${localDay}/${index + 1}`,
      label: `el horario permitido del ${weekdayAndDay(day)}`,
    }));
  }
  return schedule.startMinutes.flatMap((startMinute) => {
    const start = localMinute(zone, localDay, startMinute);
    const time = start.toFormat('HH:mm');
    const end = localMinute(zone, localDay, startMinute + schedule.windowMinutes);
    const cut = cutTo(windows, start.toMillis(), end.toMillis());
    if (cut === undefined) return [];
    return [
      { ...cut, key: `${localDay}/${time}`, label: `la tanda de las ${time} del ${weekdayAndDay(day)}` },
    ];
  });
}

function cutTo(windows: readonly LegalWindow[], fromMs: number, toMs: number): LegalWindow | undefined {
  for (const window of windows) {
    const opensAtMs = Math.max(window.opensAtMs, fromMs);
    const closesAtMs = Math.min(window.closesAtMs, toMs);
    if (opensAtMs < closesAtMs) return { opensAtMs, closesAtMs, localDay: window.localDay };
  }
  return undefined;
}

function planIntervals({ policy, zones, fromMs, anchorMs, count }: PlanRequest): readonly Slot[] {
  if (policy.schedule.mode !== 'interval') return [];
  const { firstAfterMs, everyMs, windowMs } = policy.schedule;
  const [zone] = zones;
  const firstOpensMs = anchorMs + firstAfterMs;
  const skipped = Math.max(0, Math.ceil((fromMs - windowMs - firstOpensMs + 1) / everyMs));
  return Array.from({ length: count }, (_, index) => {
    const number = skipped + index;
    const opensAtMs = firstOpensMs + number * everyMs;
    const local = DateTime.fromMillis(opensAtMs, { zone });
    return {
      key: `ola-${number + 1}`,
      opensAtMs,
      closesAtMs: opensAtMs + windowMs,
      localDay: local.toISODate() ?? '',
      label: `la tanda ${number + 1} (${local.toFormat('HH:mm:ss')})`,
    };
  });
}
