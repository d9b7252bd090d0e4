import { parseArgs } from 'node:util';
import { wholeNumber } from '../domain/shared/rules/written.ts';
import { retain } from '../maintenance/retention/retain.ts';
import { databaseUrl } from './command.ts';
import { printJson } from './typed.ts';

export const usage = `Uso: tandas purge [--yes] [--json]

  Borra lo que ninguna ley pide guardar más tiempo (removes what no law asks to be kept). Cuánto se guarda cada cosa
  lo dicen las reglas, no quien lo pide: docs/backup.md. Sin --yes solo lo cuenta.
  --yes   lo borra; sin ella no cambia nada (does it; without it nothing changes)
  --json  los datos, para otros programas`;

/** Counts, or removes, what is kept no longer. Needs the database, as the audit does. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { yes: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const removed = await retain({ databaseUrl: databaseUrl('to tidy'), now: new Date(), dryRun: !values.yes });
  if (values.json) return printJson({ removed, done: values.yes });
  for (const { rows, es } of removed) console.log(`${wholeNumber(rows).padStart(11)}  ${es}`);
  console.log(values.yes ? 'Borrado (removed).' : 'No se borró nada: --yes lo hace (nothing was removed).');
}
