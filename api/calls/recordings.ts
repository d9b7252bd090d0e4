import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { isOurs } from '../../domain/recordings/address.ts';
import { recordingById } from '../../domain/recordings/queries.ts';
import { rangeOf } from '../../domain/recordings/rules/range.ts';
import type { ObjectBody } from '../../domain/shared/object-port.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { problem } from '../problems.ts';
import { idParams, problems } from '../schemas.ts';
import { addressQuery } from './schemas.ts';

const bytes = { schema: { type: 'string' as const, format: 'binary' } };
const audio = { 'audio/wav': bytes, 'audio/mpeg': bytes, 'audio/ogg': bytes };

const serve = createRoute({
  method: 'get',
  path: '/api/v1/recordings/{id}',
  tags: ['calls'],
  summary: 'A recording, at the address that `calls/{id}/recording` gave',
  description:
    'No key: the signature in the address opens this object of this account, and its time is five minutes.',
  request: { params: idParams, query: addressQuery },
  responses: {
    200: { description: 'All of it.', content: audio },
    206: { description: 'The part that `Range` asks for.', content: audio },
    ...problems.outOfRange,
    ...problems.badRequest,
    403: problems.forbidden[403],
    ...problems.gone,
    ...problems.unavailable,
  },
});

/** Whoever may hear it has asked for the address with a key; players and browsers know none. */
export function addRecordings(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(serve, async (c) => {
    const { id: objectId } = c.req.valid('param');
    const { account: accountId, until, signature } = c.req.valid('query');
    const address = { accountId, objectId, until: Number(until), signature };
    if (!isOurs(deps.secrets ?? noSecretBox, address, deps.nowMs()))
      throw problem('recording_address_invalid');
    // Looked up each time: what was erased a moment ago is not heard to its end of five minutes.
    const row = await inAccount(deps.app, accountId, (trx) => recordingById(trx, objectId));
    if (row?.state !== 'kept' || row.erased_at !== null) throw problem('recording_gone');
    const size = Number(row.bytes);
    const range = rangeOf(c.req.header('range'), size);
    const headers = {
      'content-type': row.media_type ?? 'application/octet-stream',
      'accept-ranges': 'bytes',
      etag: `"${row.sha256 ?? ''}"`,
      'content-disposition': `inline; filename="${row.attempt_id}.${extensionOf(row.media_type)}"`,
    };
    if (range === 'unsatisfiable')
      throw problem('range_outside', { bytes: size }, { headers: { 'content-range': `bytes */${size}` } });
    const part = range === 'whole' ? undefined : range;
    const found = await deps.store.read(row.key, part).catch((error: unknown) => {
      deps.logger.error({ err: error }, 'the store gave no recording');
      throw problem('recordings_away', {}, { headers: { 'retry-after': '5' } });
    });
    if (found === undefined) throw problem('recording_gone');
    if (part === undefined)
      return c.body(streamOf(found.body), 200, { ...headers, 'content-length': String(size) });
    return c.body(streamOf(found.body), 206, {
      ...headers,
      'content-length': String(part.to - part.from + 1),
      'content-range': `bytes ${part.from}-${part.to}/${size}`,
    });
  });
}

function extensionOf(mediaType: string | null): string {
  if (mediaType === 'audio/mpeg') return 'mp3';
  return mediaType === 'audio/ogg' ? 'ogg' : 'wav';
}

/** Read as fast as it is heard; who stops listening ends the reading. */
function streamOf(body: ObjectBody): ReadableStream<Uint8Array> {
  const parts = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await parts.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await parts.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
