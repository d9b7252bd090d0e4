import { DateTime } from 'luxon';

const weekdays = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];

/** 'lunes 30-11-2026'. Not by the machine's locale: its words change with the ICU version. */
export function weekdayAndDay(local: DateTime): string {
  return `${weekdays[local.weekday - 1] ?? ''} ${local.toFormat('dd-MM-yyyy')}`;
}

/** 'lunes 30-11-2026 09:00', by the clock of that zone. */
export function instantInWords(zone: string, at: Date | number): string {
  const local = DateTime.fromMillis(typeof at === 'number' ? at : at.getTime(), { zone });
  return `${weekdayAndDay(local)} ${local.toFormat('HH:mm')}`;
}

const englishWeekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** 'Monday 2026-11-30 09:00', for who reads English. */
export function instantInEnglish(zone: string, at: Date | number): string {
  const local = DateTime.fromMillis(typeof at === 'number' ? at : at.getTime(), { zone });
  return `${englishWeekdays[local.weekday - 1] ?? ''} ${local.toFormat('yyyy-MM-dd HH:mm')}`;
}
