import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { turnsOf } from '../../domain/calls/queries-turns.ts';
import { readAttempt } from '../../domain/contacts/queries-list.ts';
import { addressOf, addressSeconds } from '../../domain/recordings/address.ts';
import { recordingOfCall, type RecordingRow } from '../../domain/recordings/queries.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { noSecretBox } from '../../outbound/secret-box.ts';
import { access, notPermitted } from '../access.ts';
import { callerOf } from '../auth.ts';
import { callFor, eyesOf } from '../contacts/masked.ts';
import { presentCall } from '../contacts/present.ts';
import type { ApiCaller, ApiDeps, ApiEnv } from '../deps.ts';
import { problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idParams, json, problems } from '../schemas.ts';
import { addRecordings } from './recordings.ts';
import { addressSchema, oneCallSchema } from './schemas.ts';

const tags = ['calls'];

const get = createRoute({
  method: 'get',
  path: '/api/v1/calls/{id}',
  tags,
  summary: 'One call: what came of it, what was said turn by turn, and whether there is a recording',
  description: '`id` is the `attempt_id` of the contact’s history and of events.',
  ...access('contacts:read'),
  request: { params: idParams },
  responses: {
    200: json(oneCallSchema, 'The call.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const recording = createRoute({
  method: 'get',
  path: '/api/v1/calls/{id}/recording',
  tags,
  summary: 'An address at which the recording of a call can be heard for five minutes',
  description: 'Who asks is in the audit rows.',
  ...access('calls:listen'),
  request: { params: idParams },
  responses: {
    200: json(addressSchema, 'The address.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    403: problems.forbidden[403],
    ...problems.notFound,
    ...problems.conflict,
    ...problems.gone,
    ...problems.unavailable,
  },
});

export function callRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(get, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    return c.json(await readCall(deps, caller, id), 200);
  });
  router.openapi(recording, async (c) => {
    const caller = callerOf(c);
    const { accountId } = caller;
    if (!eyesOf(c.get('caller')).seesPeople) throw notPermitted('personal_data:read');
    const { id } = c.req.valid('param');
    const box = deps.secrets ?? noSecretBox;
    const answer = await inAccount(deps.app, accountId, async (trx) => {
      const kept = keptOf(await recordingOfCall(trx, id));
      const until = Math.floor(deps.nowMs() / 1000) + addressSeconds;
      const path = addressOf(box, { accountId, objectId: kept.id, until });
      await writeAudit(trx, { ...caller, action: 'recording.opened', subject: id });
      return {
        url: `${deps.publicUrl ?? ''}${path}`,
        expires_at: new Date(until * 1000).toISOString(),
        bytes: Number(kept.bytes),
        media_type: kept.media_type ?? '',
      };
    });
    return c.json(answer, 200);
  });
  addRecordings(router, deps);
  return router;
}

/** A recording that can be heard. Throws what it is instead. */
export function keptOf(row: RecordingRow | undefined): RecordingRow {
  if (row === undefined) throw problem('no_recording');
  if (row.erased_at !== null || row.state === 'removed') throw problem('recording_gone');
  if (row.state === 'waiting') throw problem('recording_waiting', {}, { headers: { 'retry-after': '30' } });
  if (row.state === 'lost') throw problem('recording_lost');
  return row;
}

async function readCall(
  { app }: ApiDeps,
  caller: ApiCaller,
  id: string,
): Promise<z.infer<typeof oneCallSchema>> {
  const eyes = eyesOf(caller);
  return inAccount(app, caller.accountId, async (trx) => {
    const row = await readAttempt(trx, id);
    if (row === undefined) throw problem('call_not_found');
    const found = await recordingOfCall(trx, id);
    const hears = eyes.listens && eyes.seesPeople;
    return {
      id,
      contact_id: row.contact_id,
      at: row.attempted_at.toISOString(),
      number: row.number,
      ...callFor(eyes, { phone: row.e164, call: presentCall(row) }),
      turns: hears ? [...(await turnsOf(trx, id))] : null,
      recording:
        found === undefined
          ? null
          : {
              state: found.erased_at === null ? found.state : 'removed',
              bytes: found.bytes === null ? null : Number(found.bytes),
              media_type: found.media_type,
              delete_after: found.delete_after?.toISOString() ?? null,
            },
    };
  });
}
