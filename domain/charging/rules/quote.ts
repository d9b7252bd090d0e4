const million = 1_000_000n;

/** Micro-units of the smallest coin: pesos are whole. */
export function coinMicros(currency: string): bigint {
  return wholeCurrencies.includes(currency) ? million : 10_000n;
}

const wholeCurrencies: readonly string[] = ['CLP', 'COP', 'PYG'];

export interface Quote {
  readonly netMicros: bigint;
  readonly taxMicros: bigint;
  readonly totalMicros: bigint;
  readonly currency: string;
  /** Of that currency for one USD; null: it is asked for in USD. */
  readonly rateMicros: bigint | null;
}

export interface QuoteInput {
  /** In micro-USD, before tax. */
  readonly priceMicros: bigint;
  readonly taxPartsPerMillion: number;
  /** Undefined: in USD. */
  readonly rate: { readonly currency: string; readonly perUsdMicros: bigint } | undefined;
}

/** What a payer is asked for: net and tax each to the coin, halves up, and their sum. No amount is ever a fraction in binary. */
export function quoteOf({ priceMicros, taxPartsPerMillion, rate }: QuoteInput): Quote {
  const currency = rate?.currency ?? 'USD';
  const coin = coinMicros(currency);
  const exact = rate === undefined ? priceMicros * million : priceMicros * rate.perUsdMicros;
  const netMicros = rounded(exact, million * coin) * coin;
  const taxMicros = rounded(netMicros * BigInt(taxPartsPerMillion), million * coin) * coin;
  return {
    netMicros,
    taxMicros,
    totalMicros: netMicros + taxMicros,
    currency,
    rateMicros: rate?.perUsdMicros ?? null,
  };
}

/** `amount / by`, halves up; both above 0. */
function rounded(amount: bigint, by: bigint): bigint {
  return (2n * amount + by) / (2n * by);
}
