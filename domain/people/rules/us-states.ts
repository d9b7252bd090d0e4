/** States of the United States by name, with their postal codes; the capital and Puerto Rico too. */
const CODES: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'alabama AL;alaska AK;arizona AZ;arkansas AR;california CA;colorado CO;connecticut CT;delaware DE;' +
    'district of columbia DC;florida FL;georgia GA;hawaii HI;idaho ID;illinois IL;indiana IN;iowa IA;kansas KS;kentucky KY;' +
    'louisiana LA;maine ME;maryland MD;massachusetts MA;michigan MI;minnesota MN;mississippi MS;missouri MO;montana MT;' +
    'nebraska NE;nevada NV;new hampshire NH;new jersey NJ;new mexico NM;new york NY;north carolina NC;north dakota ND;' +
    'ohio OH;oklahoma OK;oregon OR;pennsylvania PA;puerto rico PR;rhode island RI;south carolina SC;south dakota SD;' +
    'tennessee TN;texas TX;utah UT;vermont VT;virginia VA;washington WA;west virginia WV;wisconsin WI;wyoming WY'
  )
    .split(';')
    .map((one) => [one.slice(0, -3), one.slice(-2)]),
);
const KNOWN: ReadonlySet<string> = new Set(Object.values(CODES));

/** The postal code of a state by its code or its name; undefined for anything else. */
export function usState(text: string): string | undefined {
  if (text.length > 40) return undefined;
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
  const code = plain.toUpperCase();
  if (KNOWN.has(code)) return code;
  return Object.hasOwn(CODES, plain) ? CODES[plain] : undefined;
}
