import { type ResultFormat, resultFormats } from '../../domain/batches/results-files.ts';
import { problem } from '../problems.ts';

export const typeOf: Readonly<Record<ResultFormat, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** What `Accept` asks for, by its order of preference. Throws `Problem` (406) when it is nothing that there is. */
export function acceptedFormat(accept: string | undefined): ResultFormat {
  if (accept === undefined || accept.trim() === '') return 'ndjson';
  const wanted = accept
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
      const q = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
      return { type, q };
    })
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q);
  for (const { type } of wanted) {
    const found = resultFormats.find((format) => fits(type, typeOf[format]));
    if (found !== undefined) return found;
  }
  throw problem('not_acceptable', { formats: Object.values(typeOf).join(', ') });
}

function fits(wanted: string, type: string): boolean {
  return wanted === type || wanted === '*/*' || wanted === `${type.split('/')[0] ?? ''}/*`;
}
