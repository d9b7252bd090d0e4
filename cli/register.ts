import { parseArgs } from 'node:util';
import { CommandError } from './command.ts';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';

export const usage = `Uso: npm run register -- --person RUT [--csv | --json]

  Todo lo que se intentó con una persona, como lo puede pedir la autoridad.
  --person RUT   RUT o identificador de la persona
  --csv, --json  formato; por defecto, CSV`;

/**
 * The register of contacts with one person (calls, refused turns, messages), for the authority that asks for it. The
 * person by national id or by our id.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      person: { type: 'string' },
      csv: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.person === undefined || (values.csv && values.json)) {
    throw new CommandError(usage);
  }
  const format = values.json ? 'json' : 'csv';
  const api = await localApi();
  const params = { path: { person: values.person }, query: { format } } as const;
  process.stdout.write(
    await answered(api.GET('/api/v1/people/{person}/register', { params, parseAs: 'text' })),
  );
  if (values.json) process.stdout.write('\n');
}
