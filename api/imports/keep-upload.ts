import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import type { Trx } from '../../db/client.ts';
import { objectKey } from '../../domain/imports/imports.ts';
import type { ApiDeps } from '../deps.ts';
import { keyed, type KeyedRequest } from '../keyed.ts';
import { type Problem, problem } from '../problems.ts';
import { idSchema } from '../schemas.ts';

interface Kept {
  readonly importId: string;
  /** This request has made it. */
  readonly isNew: boolean;
}

const keptSchema = z.object({ import_id: idSchema });

/** Before the bytes are taken: whoever sends fifty megabytes to a store that is away has sent them for nothing. */
export async function requireStore({ store }: Pick<ApiDeps, 'store'>): Promise<void> {
  if (!(await store.isThere())) throw storeAway();
}

function storeAway(): Problem {
  return problem('store_away', {}, { headers: { 'retry-after': '5' } });
}

/** Keeps an upload and makes its row, once: by its key, and by its bytes. `make` is given the id of a new one. */
export async function keepUpload(
  deps: ApiDeps,
  path: string,
  request: KeyedRequest,
  make: (trx: Trx, own: string) => Promise<Kept>,
): Promise<Kept> {
  const own = randomUUID();
  const objectOfOwn = objectKey({ accountId: request.accountId, importId: own });
  // Before the row: whoever reads the row finds the file.
  await deps.store.put(objectOfOwn, path).catch((error: unknown) => {
    deps.logger.error({ err: error }, 'the store took no file');
    throw storeAway();
  });
  let isOurs = false;
  try {
    const answer = await keyed(deps, request, async (trx) => {
      const { importId, isNew } = await make(trx, own);
      return { status: isNew ? 201 : 200, body: { import_id: importId } };
    });
    const importId = keptSchema.parse(answer.body).import_id;
    isOurs = importId === own;
    return { importId, isNew: answer.status === 201 };
  } finally {
    // The store may have gone away meanwhile. What nobody's row speaks of is swept.
    if (!isOurs) await deps.store.remove(objectOfOwn).catch(() => undefined);
  }
}
