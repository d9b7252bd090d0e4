/**
 * How a person is shown to whoever may see figures and nobody's name: enough to tell two rows apart, too little to know,
 * call or look up anybody.
 */
const veil = '•••';

/** "María González" → "M••• G•••". The length of a name is not shown either. */
export function maskName(name: string): string {
  return name
    .split(/\s+/u)
    .filter((part) => part !== '')
    .map((part) => `${/^./u.exec(part)?.[0] ?? ''}${veil}`)
    .join(' ');
}

/** "12.345.678-5" → "•••8-5": what is behind the last figure is a check digit, and says nothing by itself. */
export function maskNationalId(id: string): string {
  const shown = /[0-9A-Za-z]-?[0-9A-Za-z]$/u.exec(id)?.[0] ?? '';
  return `${veil}${shown}`;
}

/** "+56961234321" → "+56•••21". */
export function maskPhone(e164: string): string {
  const [, country = '', last = ''] = /^(\+\d{2})\d*(\d{2})$/u.exec(e164) ?? [];
  return `${country}${veil}${last}`;
}
