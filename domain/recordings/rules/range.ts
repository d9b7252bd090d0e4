/** Bytes of an object, both counted. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What a `Range` header asks of an object of so many bytes (RFC 9110 §14): one range, 'whole' for none or one that we do not
 * read (of other units, several at once), 'unsatisfiable' for one outside it.
 */
export function rangeOf(header: string | undefined, bytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = found ?? [];
  if (found === null || (first === '' && last === '')) return 'whole';
  if (first === '') {
    const count = Number(last);
    if (count === 0 || bytes === 0) return 'unsatisfiable';
    return { from: Math.max(0, bytes - count), to: bytes - 1 };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'whole';
  if (from >= bytes) return 'unsatisfiable';
  return { from, to: last === '' ? bytes - 1 : Math.min(bytes - 1, Number(last)) };
}
