import { isId } from '../domain/shared/rules/ids.ts';
import type { ApiClient, BatchAnswer } from '../client/api-client.ts';
import { CommandError } from './command.ts';

/** As many as are looked through for a name. */
export const mostBatches = 1_000;

/** By its id, or by its name where only one has it. */
export async function findBatch(client: ApiClient, wanted: string): Promise<BatchAnswer> {
  if (isId(wanted)) return client.batch(wanted);
  const { batches } = await client.batches(mostBatches);
  const [found, ...others] = batches.filter(({ name }) => name === wanted);
  if (found === undefined)
    throw new CommandError(`No hay un lote «${wanted}»: npm run status muestra los que hay.`, 1);
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => `  ${id}`).join('\n');
  throw new CommandError(`Hay varios lotes «${wanted}»; indique uno por su identificador:\n${ids}`, 1);
}
