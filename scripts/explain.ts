/**
 * `npm run explain -- --contact ID [--at 2027-03-08T20:30]`: may this person be called or written to at that time, and if
 * not, by which rule and from when (asks the API). `-- --pack cl-collection-strict --region Magallanes --at …`: the
 * same for anybody who lives there, from the packs that ship; needs nothing that runs.
 */
import { parseArgs } from 'node:util';
import { explainPlain } from '../domain/explain/explain.ts';
import { explainedLines } from '../domain/explain/explain-words.ts';
import { shippedHolidayChanges } from '../domain/policy/rules/holidays.ts';
import { findPack, rulePacks } from '../domain/policy/rules/packs/index.ts';
import { getFromApi } from './local-api.ts';

const { values } = parseArgs({
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

const usage = `Uso: npm run explain -- --contact ID [--at 2027-03-08T20:30] [--json]
     npm run explain -- --pack PAQUETE [--region REGIÓN | --zone ZONA] [--country CL] [--at …]`;

async function main(): Promise<void> {
  if (values.contact !== undefined) {
    const query = values.at === undefined ? '' : `?at=${encodeURIComponent(values.at)}`;
    const response = await getFromApi(
      `/api/v1/contacts/${encodeURIComponent(values.contact)}/explain${query}`,
    );
    show(await response.json());
    return;
  }
  if (values.pack === undefined) throw new Error(usage);
  const pack = findPack(values.pack);
  if (pack === undefined) {
    const known = rulePacks.map(({ key }) => key).join(', ');
    throw new Error(`No existe el paquete "${values.pack}"; hay: ${known}.`);
  }
  const { country, region, zone, at } = values;
  const holidayChanges = shippedHolidayChanges;
  const explained = explainPlain({ pack, country, region, zone, at, nowMs: Date.now(), holidayChanges });
  for (const line of explainedLines(explained)) console.log(line);
}

/** The API's own words; the whole answer with --json. */
function show(answer: unknown): void {
  if (values.json) {
    console.log(JSON.stringify(answer, null, 2));
    return;
  }
  const { pack, at_local: clocks, call, message } = fieldsOf(answer);
  console.log(`${text(pack, 'key')}@${text(pack, 'version')}  ${text(pack, 'title')}`);
  for (const clock of Array.isArray(clocks) ? clocks : []) {
    console.log(`${text(clock, 'local')}  ${text(clock, 'zone')}`);
  }
  console.log(`Llamar:   ${text(call, 'answer_es')}  (${text(call, 'answer_en')})`);
  console.log(`Escribir: ${text(message, 'answer_es')}  (${text(message, 'answer_en')})`);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown, field: string): string {
  const found = fieldsOf(value)[field];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}

try {
  await main();
} catch (error) {
  const es = error instanceof Error && 'es' in error && typeof error.es === 'string' ? error.es : undefined;
  console.error(es ?? (error instanceof Error ? error.message : error));
  process.exitCode = 1;
}
