/** Where the person of a row lives: the comuna before the region, and both told apart when they disagree. Pure. */
import { zonesOf } from '../policy/rules/zones.ts';
import { chileanPlace, placeText } from '../people/rules/chile-place.ts';
import { zoneOfCountry } from '../people/rules/place.ts';
import type { Remark } from '../people/rules/result.ts';
import { usState } from '../people/rules/us-states.ts';

/** Texts of the columns of places; '' for what is blank or not there. */
export interface PlaceCells {
  readonly city: string;
  readonly region: string;
  /** Of ESTADO, which in Chile is mostly the state of a debt. */
  readonly state: string;
}

export interface RowPlace {
  /** IANA; undefined: the cells do not tell. */
  readonly zone: string | undefined;
  /** As it is kept beside the person, for holidays of regions and comunas. */
  readonly region: string | undefined;
  readonly remark?: Remark;
  /** The region alone tells the zones: a state of the United States across a border has two. */
  readonly isEnough?: true;
}

export function placeOfRow({ city, region, state }: PlaceCells, country: string): RowPlace {
  if (country === 'CL') return placeInChile(city, region === '' ? regionOfState(state) : region);
  const text = firstOf(region, state, city);
  if (country !== 'US') return { zone: zoneOfCountry(country), region: text };
  const code = usState(firstOf(state, region) ?? '');
  if (code === undefined) return { zone: undefined, region: text };
  const [zone, second] = zonesOf('US', null, code);
  return { zone: second === undefined ? zone : undefined, region: code, isEnough: true };
}

function firstOf(...texts: readonly string[]): string | undefined {
  return texts.find((text) => text !== '');
}

/** Nothing for VIGENTE or JUDICIAL. */
function regionOfState(state: string): string {
  return state !== '' && chileanPlace(state, 'region') !== undefined ? state : '';
}

function placeInChile(city: string, region: string): RowPlace {
  const inCity = city === '' ? undefined : chileanPlace(city, 'comuna');
  const inRegion = region === '' ? undefined : chileanPlace(region, 'region');
  const comuna = inCity?.comuna;
  if (inCity !== undefined && comuna !== undefined) {
    if (inRegion === undefined || inRegion.region === inCity.region)
      return { zone: inCity.zone, region: placeText(inCity) };
    if (inRegion.zone === inCity.zone) {
      const remark = { code: 'region_differs', values: { comuna, region: inCity.region } } as const;
      return { zone: inCity.zone, region: placeText(inCity), remark };
    }
    // One of them is wrong, and only the operator knows which: no hour that is forbidden in either.
    const remark = { code: 'zone_open', values: { comuna, region: inRegion.region } } as const;
    return { zone: undefined, region: `${placeText(inCity)}, ${inRegion.region}`, remark };
  }
  const place = inRegion ?? inCity;
  const text = firstOf(region, city);
  if (place !== undefined)
    return {
      zone: place.zone,
      region: place.comuna === undefined ? regionText(text ?? '', place.region) : placeText(place),
    };
  return text === undefined
    ? { zone: undefined, region: undefined }
    : { zone: undefined, region: text, remark: { code: 'region_unknown' } };
}

/** As the file writes it, with its name where it is only a number: holidays know regions by name. */
function regionText(text: string, name: string): string {
  return /^(?:regi[oó]n )?[ivx\d]+a?(?: regi[oó]n)?$/i.test(text) ? `${text} (${name})` : text;
}
