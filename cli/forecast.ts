import { parseArgs } from 'node:util';
import { DateTime } from 'luxon';
import { findPack, rulePacks } from '../domain/policy/rules/packs/index.ts';
import { packInWords, policyInWords } from '../domain/policy/rules/rules-in-words.ts';
import { policies } from '../domain/policy/rules/policy.ts';
import { forecastOf, zonesOfTerms } from '../domain/forecast/plan.ts';
import { type CommandError, positive, wrongValue } from './command.ts';
import { renderForecast } from './forecast-text.ts';

export const usage = `Uso: npm run forecast -- --contacts N --lines N [opciones]

  Cuándo terminaría un lote así y cuánto costaría, con personas inventadas y sin servidor.
  --contacts N       personas; por defecto, 1000
  --lines N          llamadas a la vez; por defecto, 20
  --policy POLÍTICA  por defecto, collection-waves
  --pack PAQUETE     por defecto, cl-collection-waves
  --group N          personas por día; por defecto, todas
  --days N           plazo en días; por defecto, 60
  --start DÍA        día en que empieza, como 2027-03-08; por defecto, mañana
  --zone ZONA        zona horaria; por defecto, las del país
  --rate USD         costo del minuto; por defecto, 0.04
  --seed N           n.º de simulación; por defecto, 1
  --json             como JSON`;

/**
 * When would such a batch be done, and what would it cost? The contact's own decisions, with invented people and no
 * server.
 */
export function run(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '1000' },
      lines: { type: 'string', default: '20' },
      policy: { type: 'string', default: 'collection-waves' },
      pack: { type: 'string', default: 'cl-collection-waves' },
      group: { type: 'string' },
      days: { type: 'string', default: '60' },
      start: { type: 'string' },
      zone: { type: 'string' },
      rate: { type: 'string', default: '0.04' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  const policy = policies.find(({ key }) => key === values.policy);
  const pack = findPack(values.pack);
  if (policy === undefined) throw oneOf('policy', values.policy, policies);
  if (pack === undefined) throw oneOf('pack', values.pack, rulePacks);
  const zone = values.zone ?? null;
  const [firstZone = 'America/Santiago'] = zonesOfTerms({ pack: pack.key, zone }) ?? [];
  const usdPerMinute = Number(values.rate);
  if (!(usdPerMinute >= 0))
    throw wrongValue('rate', values.rate, 'USD por minuto, 0 o más', 'USD a minute, 0 or more');
  const terms = {
    contacts: positive('contacts', values.contacts),
    lines: positive('lines', values.lines),
    policy: policy.key,
    pack: pack.key,
    group: values.group === undefined ? null : positive('group', values.group),
    days: positive('days', values.days),
    start: startOf(values.start, firstZone),
    zone,
    usdPerMinute,
    seed: values.seed,
  };
  const startedMs = performance.now();
  const { summary, decisions } = forecastOf(terms);
  const seconds = (performance.now() - startedMs) / 1_000;
  if (!values.json) {
    console.log(`Reglas: ${packInWords(pack).es}; ${policyInWords(policy).es}.\n`);
  }
  console.log(
    values.json ? JSON.stringify({ ...summary, decisions, seconds }, null, 2) : renderForecast(summary),
  );
}

function startOf(day: string | undefined, zone: string): string {
  const given =
    day === undefined ? DateTime.now().setZone(zone).plus({ days: 1 }) : DateTime.fromISO(day, { zone });
  if (!given.isValid) throw wrongValue('start', day ?? '', 'un día como 2027-03-08', 'a day like 2027-03-08');
  return given.toISODate();
}

function oneOf(name: string, value: string, list: readonly { readonly key: string }[]): CommandError {
  const keys = [...new Set(list.map(({ key }) => key))].join(', ');
  return wrongValue(name, value, `uno de: ${keys}`, `one of: ${keys}`);
}
