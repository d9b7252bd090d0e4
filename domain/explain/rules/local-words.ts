import { DateTime } from 'luxon';

const weekdays = ['lun', 'mar', 'mié', 'jue', 'vie', 'sáb', 'dom'];

/** 'lun 2027-03-08 20:30', by the clock of that zone. */
export function localInWords(zone: string, atMs: number): string {
  const local = DateTime.fromMillis(atMs, { zone });
  return `${weekdays[local.weekday - 1] ?? ''} ${local.toFormat('yyyy-MM-dd HH:mm')}`;
}
