import { parseArgs } from 'node:util';
import { CommandError } from './command.ts';
import { explainPlain } from '../domain/explain/explain.ts';
import { explainedLines } from '../domain/explain/explain-words.ts';
import { shippedHolidayChanges } from '../domain/policy/rules/holidays.ts';
import { zoneOfPlace } from '../domain/people/rules/place.ts';
import { usState } from '../domain/people/rules/us-states.ts';
import { zonesOf } from '../domain/policy/rules/zones.ts';
import { findPack, rulePacks } from '../domain/policy/rules/packs/index.ts';
import { answered, type Schema, told } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';

export const usage = `Uso: npm run explain -- RUT|TELÉFONO|ID [--at HORA] [--json]
     npm run explain -- --pack PAQUETE [--region REGIÓN | --zone ZONA] [--country CL] [--at HORA]

  ¿Qué espera cada contacto de esta persona? ¿Se le puede llamar o escribir, y si no, por qué regla y desde cuándo?
  RUT|TELÉFONO|ID   una persona, o uno de sus contactos
  --pack PAQUETE    cualquiera que viva en la región, según las reglas de la ley; no necesita servidor
  --at HORA         como 2027-03-08T20:30; por defecto, ahora`;

/**
 * What each contact of a person waits for, and whether they may be called or written to at that time, and if not, by which rule
 * and from when (asks the API); or the
 * same for anybody who lives in a region, from the packs that ship: needs nothing that runs.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      contact: { type: 'string' },
      pack: { type: 'string' },
      country: { type: 'string' },
      region: { type: 'string' },
      zone: { type: 'string' },
      at: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  // A phone with spaces may come in pieces.
  const who = values.contact ?? (positionals.length === 0 ? undefined : positionals.join(' '));
  if (who !== undefined) {
    const query = { who, ...told({ at: values.at }) };
    show(await answered((await localApi()).GET('/api/v1/explain', { params: { query } })), values.json);
    return;
  }
  if (values.pack === undefined) throw new CommandError(usage);
  const pack = findPack(values.pack);
  if (pack === undefined) {
    const known = rulePacks.map(({ key }) => key).join(', ');
    throw new CommandError(`No existe el paquete "${values.pack}"; hay: ${known}.`);
  }
  const { country, region, zone, at } = values;
  const holidayChanges = shippedHolidayChanges;
  const explained = explainPlain({ pack, country, region, zone, at, nowMs: Date.now(), holidayChanges });
  if (region !== undefined && zone === undefined && !knowsPlace(region, country ?? pack.country))
    console.log(`No se reconoce el lugar «${region}»: vale lo que está permitido en todo el país.`);
  for (const line of explainedLines(explained)) console.log(line);
}

/** Of a country with one legal time it makes no difference. */
function knowsPlace(place: string, country: string | null): boolean {
  if (country === null || zonesOf(country, null).length === 1) return true;
  return zoneOfPlace(place, country) !== undefined || (country === 'US' && usState(place) !== undefined);
}

/** The API's own words; the whole answer with --json. */
function show(answer: Schema<'ExplainedPerson'>, asJson: boolean): void {
  if (asJson) {
    console.log(JSON.stringify(answer, null, 2));
    return;
  }
  const { contacts, more } = answer;
  for (const [place, contact] of contacts.entries()) {
    if (place > 0) console.log('');
    showOne(contact);
  }
  if (more) console.log('\nHay más contactos de esta persona; se muestran los primeros.');
}

function showOne({ contact, waiting, pack, at_local, call, message }: Schema<'Explanation'>): void {
  console.log(`${contact?.name ?? ''} · ${contact?.batch ?? ''} · contacto ${contact?.id ?? ''}`);
  console.log(pack.title);
  for (const { local, zone } of at_local) console.log(`${local}  ${zone}`);
  console.log(`Espera:   ${waiting?.waits_es ?? ''}`);
  console.log(`Llamar:   ${call.answer_es}`);
  console.log(`Escribir: ${message.answer_es}`);
}
