import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { decimalsOf } from '../../shared/rules/currency.ts';
import { formatMicros } from '../../shared/rules/money.ts';
import { bad, good, type Normalised } from './result.ts';

const MICROS_PER_UNIT = 1_000_000n;
/** Micro-units stay below 2^53, so that no reader that takes them for a JavaScript number is ever wrong. */
const MAX_UNITS = 9_000_000_000n;
/** 'CLP $ 9.000.000.000,00 pesos' with room to spare. */
const MAX_AMOUNT_CHARACTERS = 80;

/** What becomes of decimals that a currency has not: rounded with a notice where a number has them, in numbers and texts, or never. */
export type Decimals = 'of_numbers' | 'round' | 'refuse';

/**
 * An amount above zero in integer micro-units of `currency` (1 CLP = 1,000,000). Reads numbers and text with either
 * separator. A fraction that the currency does not have is rounded, with a notice, when Excel computed it (a number);
 * in text it is refused unless rounding was asked for: '1.5' may be a million and a half, and is refused then too.
 */
export function normaliseMoney(
  cell: RawCell,
  currency: string,
  decimals: Decimals = 'of_numbers',
): Normalised<bigint> {
  if (typeof cell === 'number') return fromNumber(cell, currency, decimals);
  if (typeof cell !== 'string') return bad('money_invalid');
  const parts = splitAmount(textWithin(cell, MAX_AMOUNT_CHARACTERS));
  if (parts === undefined) return bad('money_invalid');
  const fraction = parts.fraction.replace(/0+$/, '');
  const places = decimalsOf(currency);
  const sign = parts.negative ? -1n : 1n;
  if (fraction.length <= places) return checked(toMicros(parts.units, fraction) * sign);
  if (decimals !== 'round' || parts.isDoubtful) return bad('money_decimals', { currency });
  const least = places === 0 ? MICROS_PER_UNIT : MICROS_PER_UNIT / 100n;
  const rounded = ((toMicros(parts.units, fraction) + least / 2n) / least) * least;
  const result = checked(rounded * sign);
  if (!result.ok) return result;
  return good(result.value, { code: 'money_rounded', values: { value: formatMicros(result.value) } });
}

function fromNumber(value: number, currency: string, decimals: Decimals): Normalised<bigint> {
  if (!Number.isFinite(value)) return bad('money_invalid');
  if (Math.abs(value) > Number(MAX_UNITS)) return bad('money_too_large');
  const scale = 10 ** decimalsOf(currency);
  const scaled = Math.round(value * scale);
  if (decimals === 'refuse' && value !== scaled / scale) return bad('money_decimals', { currency });
  const result = checked((BigInt(scaled) * MICROS_PER_UNIT) / BigInt(scale));
  // 104049.99999999999 is how 104050 looks after a multiplication: no notice for what nobody typed.
  if (!result.ok || Math.abs(value - scaled / scale) < 1e-6) return result;
  return good(result.value, { code: 'money_rounded', values: { value: (scaled / scale).toString() } });
}

function checked(micros: bigint): Normalised<bigint> {
  if (micros < 0n) return bad('money_negative');
  if (micros === 0n) return bad('money_not_positive');
  return micros > MAX_UNITS * MICROS_PER_UNIT ? bad('money_too_large') : good(micros);
}

function toMicros(units: string, decimals: string): bigint {
  return BigInt(units) * MICROS_PER_UNIT + BigInt(decimals.padEnd(6, '0').slice(0, 6));
}

interface AmountParts {
  readonly units: string;
  readonly fraction: string;
  readonly negative: boolean;
  /** One mark alone before one figure, '1.5': a million and a half, as some write. */
  readonly isDoubtful: boolean;
}

/** Written as most files do, with nothing to guess: '104050', '$104.050', '$ 104.050.-', '104.050,00'. */
const USUAL_AMOUNT = /^(?:\$ ?)?([1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*)(?:,00|\.-)?$/;

/** '$1.234', '1.234,00', '1,234.00', '104050.-', 'CLP 1234', '(500)' → digits; undefined when it is no amount. */
function splitAmount(text: string): AmountParts | undefined {
  const usual = USUAL_AMOUNT.exec(text)?.[1];
  if (usual !== undefined)
    return { units: usual.replaceAll('.', ''), fraction: '', negative: false, isDoubtful: false };
  const bare = text
    .toUpperCase()
    .replace(/^(?:CLP|USD|US|ARS|PEN|COP|MXN|EUR|S\/\.?)?\s*[$€]?\s*/, '')
    .replace(/\s*(?:CLP|USD|ARS|PEN|COP|MXN|EUR|PESOS)?\s*(?:[.,]\s*-+)?$/, '')
    .replace(/[\s'’]/g, '');
  const negative = /^-|^\(.*\)$/.test(bare);
  const body = bare.replace(/^[-+]|^\(|\)$/g, '').replace(/^\$/, '');
  const separators = body.match(/[.,]/g) ?? [];
  if (!/^\d[\d.,]*$/.test(body) || !/\d$/.test(body)) return undefined;
  if (separators.length === 0) return { units: body, fraction: '', negative, isDoubtful: false };
  const last = Math.max(body.lastIndexOf('.'), body.lastIndexOf(','));
  const mark = body.charAt(last);
  const kinds = new Set(separators);
  // The last separator makes decimals when it differs from the others, or stands alone before other than 3 digits.
  const alone = separators.length === 1;
  const makesDecimals =
    (kinds.size === 2 && separators.filter((one) => one === mark).length === 1) ||
    (alone && (body.length - last - 1 !== 3 || /^0[.,]/.test(body)));
  const whole = makesDecimals ? body.slice(0, last) : body;
  const fraction = makesDecimals ? body.slice(last + 1) : '';
  const isDoubtful = alone && fraction.length === 1 && whole.length < 4;
  return isGrouped(whole) ? { units: whole.replace(/[.,]/g, ''), fraction, negative, isDoubtful } : undefined;
}

/** Digits alone, or in groups of three with one kind of separator: '12.34.567' is a slip, not an amount. */
function isGrouped(whole: string): boolean {
  return /^(\d+|\d{1,3}(\.\d{3})+|\d{1,3}(,\d{3})+)$/.test(whole);
}
