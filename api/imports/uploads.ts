import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { inAccount } from '../../db/client.ts';
import { ImportFileError } from '../../domain/imports/errors.ts';
import type { SentFormat } from '../../domain/imports/guard.ts';
import {
  type ImportPreview,
  previewUpload,
  receiveImport,
  requireRoom,
  type UploadSettings,
} from '../../domain/imports/imports.ts';
import { waitForImport } from '../../domain/imports/wait-for-import.ts';
import { keepTraceIn } from '../../observability/trace-rows.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { waitMsOf } from '../prefer.ts';
import { fileProblem, problem } from '../problems.ts';
import { readForm } from './form.ts';
import { keepUpload, requireStore } from './keep-upload.ts';
import { boundaryOf } from './multipart.ts';
import { Places } from './places.ts';
import { type ImportJson, presentImport, presentPreview } from './present.ts';
import { uploadFieldsSchema, type uploadQuery } from './schemas.ts';
import { type ReceivedUpload, withUpload } from './upload.ts';
import { sentFormatOf, withRows } from './upload-rows.ts';

/** Received at once, of one account and of all. A body that comes slowly costs a file and a connection. */
const uploadPlaces = { ofAccount: 4, ofAll: 32 };
/** Read at once for a dry run: each takes a thread and up to 250 MB. */
const dryRunPlaces = { ofAccount: 1, ofAll: 2 };

export interface UploadAnswer {
  readonly status: 200 | 201 | 202;
  readonly answer: ImportJson;
  readonly headers: Record<string, string>;
}

/** Uploads of one API, by each of its paths: whoever sends by two paths has not twice the places. */
export interface Uploads {
  take(
    c: Context<ApiEnv>,
    header: { readonly 'idempotency-key'?: string | undefined; readonly prefer?: string | undefined },
    query: z.infer<typeof uploadQuery>,
  ): Promise<UploadAnswer>;
}

export function createUploads(deps: ApiDeps): Uploads {
  const uploads = new Places(uploadPlaces);
  const dryRuns = new Places(dryRunPlaces);
  return {
    async take(c, { 'idempotency-key': key, prefer }, query) {
      const { method, path } = c.req;
      const caller = callerOf(c);
      const format = sentFormatOf(c.req.raw.headers.get('content-type'));
      // Before its bytes are taken: who sends one file after the other would keep us busy with what is refused.
      if (query.dry_run !== 'true') {
        await inAccount(deps.app, caller.accountId, (trx) => requireRoom(trx));
        await requireStore(deps);
      }
      const received = await uploads.during(caller.accountId, () =>
        receiveBody(c.req.raw, format, async (upload): Promise<Received> => {
          const fields = readForm(uploadFieldsSchema, { ...upload.fields, ...query });
          if (format !== undefined && fields.sheet !== undefined)
            throw problem('no_sheet', {}, { field: 'sheet' });
          if (fields.dry_run) {
            const settings = { path: upload.path, fileName: upload.fileName, ...settingsOf(fields, format) };
            const preview = await dryRuns.during(caller.accountId, () =>
              previewUpload(deps.app, caller.accountId, settings).catch(asProblem(format)),
            );
            return { kind: 'preview', preview };
          }
          const request = { caller, key, method, path, fields, upload, format };
          return { kind: 'import', ...(await receive(deps, request)) };
        }),
      );
      if (received.kind === 'preview')
        return { status: 200, answer: presentPreview(received.preview), headers: {} };
      const { importId, isNew } = received;
      const row = await waitForImport(deps.app, { ...caller, importId }, waitMsOf(prefer), c.req.raw.signal);
      const answer = presentImport(row, isNew);
      // Told as it would be if it had been read in the request.
      if (answer.failure !== null) throw fileProblem(answer.failure, format === undefined ? 'file' : 'rows');
      if (row.state === 'stored') return { status: isNew ? 201 : 200, answer, headers: {} };
      const headers = { location: `/api/v1/imports/${importId}`, 'retry-after': '1' };
      return { status: 202, answer, headers };
    },
  };
}

type Received =
  | { readonly kind: 'preview'; readonly preview: ImportPreview }
  | { readonly kind: 'import'; readonly importId: string; readonly isNew: boolean };

interface ImportRequest {
  readonly caller: ReturnType<typeof callerOf>;
  readonly key: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly fields: Fields;
  readonly upload: ReceivedUpload;
  readonly format: SentFormat | undefined;
}

/** A file in a form, or rows as JSON. */
function receiveBody<T>(
  request: Request,
  format: SentFormat | undefined,
  work: (upload: ReceivedUpload) => Promise<T>,
): Promise<T> {
  if (format !== undefined) return withRows(request, format, work);
  if (boundaryOf(request.headers.get('content-type') ?? undefined) === undefined) throw problem('no_upload');
  return withUpload(request, work);
}

/** The refusal of rows names them, and no file. */
function asProblem(format: SentFormat | undefined): (error: unknown) => never {
  return (error) => {
    throw error instanceof ImportFileError && format !== undefined ? fileProblem(error, 'rows') : error;
  };
}

/** Keeps the file and makes its import. */
function receive(
  deps: ApiDeps,
  { caller, key, method, path, fields, upload, format }: ImportRequest,
): Promise<{ readonly importId: string; readonly isNew: boolean }> {
  const { accountId } = caller;
  const { fileName, sha256, bytes } = upload;
  const request = { accountId, key, method, path, content: { ...fields, format, sha256 } };
  return keepUpload(deps, upload.path, request, async (trx, own) => {
    const settings = settingsOf(fields, format);
    const file = { importId: own, fileName, sha256, bytes, settings, again: fields.again };
    const received = await receiveImport(trx, caller, file);
    await keepTraceIn(trx, 'core.import', received.importId);
    return received;
  });
}

type Fields = z.infer<typeof uploadFieldsSchema>;

function settingsOf(
  { use_case: useCase, sheet, creditor, country, currency, round_amounts: rounds }: Fields,
  format: SentFormat | undefined,
): UploadSettings {
  return {
    ...(format === undefined ? {} : { format }),
    ...(useCase === undefined ? {} : { useCase }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(creditor === undefined ? {} : { creditor }),
    ...(country === undefined ? {} : { country }),
    ...(currency === undefined ? {} : { currency }),
    ...(rounds ? { roundAmounts: 'yes' } : {}),
  };
}
