import { isId } from '../domain/shared/rules/ids.ts';
import { answered, type Api, pagesOf, type Schema } from '../client/api.ts';
import { CommandError } from './command.ts';

/** As many as are looked through for a name. */
export const mostBatches = 1_000;

export type BatchAnswer = Schema<'BatchView'>;

/** A page asks for the figures of each of its batches: not more of them at once. */
const batchesAtOnce = 50;

export async function batchOf(api: Api, id: string): Promise<BatchAnswer> {
  return answered(api.GET('/api/v1/batches/{id}', { params: { path: { id } } }));
}

/** Made once, also when its answer is lost and the request goes out again. */
export function createBatch(api: Api, body: Schema<'NewBatch'>): Promise<Schema<'Batch'>> {
  const header = { 'idempotency-key': crypto.randomUUID() };
  return answered(api.POST('/api/v1/batches', { params: { header }, body }));
}

/** The newest ones first, `most` at most. */
export function batchesOf(
  api: Api,
  most: number,
): Promise<{ readonly rows: readonly BatchAnswer[]; readonly isWhole: boolean }> {
  return pagesOf(
    most,
    async (query) => {
      const { batches, next_cursor: next } = await answered(
        api.GET('/api/v1/batches', { params: { query } }),
      );
      return { rows: batches, next };
    },
    batchesAtOnce,
  );
}

/** By its id, or by its name where only one has it. */
export async function findBatch(api: Api, wanted: string): Promise<BatchAnswer> {
  if (isId(wanted)) return batchOf(api, wanted);
  const { rows } = await batchesOf(api, mostBatches);
  const [found, ...others] = rows.filter(({ name }) => name === wanted);
  if (found === undefined)
    throw new CommandError(`No hay un lote «${wanted}»: npm run status muestra los que hay.`, 1);
  if (others.length === 0) return found;
  const ids = [found, ...others].map(({ id }) => `  ${id}`).join('\n');
  throw new CommandError(`Hay varios lotes «${wanted}»; indique uno por su identificador:\n${ids}`, 1);
}
