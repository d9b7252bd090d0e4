import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { ImportFileError } from '../../domain/imports/errors.ts';
import {
  type ImportPreview,
  previewUpload,
  receiveImport,
  requestCancellation,
  requireRoom,
  type UploadSettings,
} from '../../domain/imports/imports.ts';
import { readImport } from '../../domain/imports/queries.ts';
import { listRemarkedRows, remarkedRowsOmitted } from '../../domain/imports/queries-remarks.ts';
import { listImports } from '../../domain/imports/queries-runs.ts';
import { waitForImport } from '../../domain/imports/wait-for-import.ts';
import type { SentFormat } from '../../domain/imports/guard.ts';
import { keepTraceIn } from '../../observability/trace-rows.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { preferHeader, waitMsOf } from '../prefer.ts';
import { fileProblem, problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems } from '../schemas.ts';
import { uploadBodies } from './bodies.ts';
import { readForm } from './form.ts';
import { keepUpload } from './keep-upload.ts';
import { boundaryOf } from './multipart.ts';
import { Places } from './places.ts';
import { presentImport, presentImportRow, presentPreview, presentRemarkedRow } from './present.ts';
import {
  importPageSchema,
  importSchema,
  remarkedRowPageSchema,
  remarkedRowQuery,
  uploadFieldsSchema,
  uploadQuery,
} from './schemas.ts';
import { type ReceivedUpload, withUpload } from './upload.ts';
import { sentFormatOf, withRows } from './upload-rows.ts';

const tags = ['imports'];

const create = createRoute({
  method: 'post',
  path: '/api/v1/imports',
  tags,
  summary: 'Upload people: an Excel or CSV, or rows as JSON or NDJSON',
  description:
    'Good rows are stored, bad ones are reported with sheet, row, column and value, of JSON with a pointer. Nobody is called: a batch of the import does that. A file that takes longer than the caller waits is answered with 202, and read on.',
  ...access('imports:write'),
  request: {
    headers: idempotencyHeader.extend(preferHeader.shape),
    query: uploadQuery,
    body: { required: true, content: uploadBodies },
  },
  responses: {
    200: json(importSchema, 'A dry run, or a file that was imported before.'),
    201: json(importSchema, 'The import is stored.'),
    202: json(importSchema, 'The import is under way; `Location` has its address.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.tooLarge,
    ...problems.unprocessable,
    ...problems.tooMany,
    ...problems.unavailable,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/imports',
  tags,
  summary: 'Imports, newest first, with state and progress',
  ...access('imports:read'),
  request: { query: pageQuery },
  responses: { 200: json(importPageSchema, 'One page.'), ...problems.badRequest, ...problems.unauthorised },
});

const get = createRoute({
  method: 'get',
  path: '/api/v1/imports/{id}',
  tags,
  summary: 'An import with its state, progress and problems',
  ...access('imports:read'),
  request: { params: idParams },
  responses: {
    200: json(importSchema, 'The import.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const listProblems = createRoute({
  method: 'get',
  path: '/api/v1/imports/{id}/problems',
  tags,
  summary: 'Rows of an import with problems, in the order of the file',
  description:
    'Every row that was refused, with its values as they were read, and every row that a notice is about: at most 20,000 (fewer when they are long), refused ones before notices. There are none until the import is stored.',
  ...access('imports:read'),
  request: { params: idParams, query: remarkedRowQuery },
  responses: {
    200: json(remarkedRowPageSchema, 'One page.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

const cancel = createRoute({
  method: 'delete',
  path: '/api/v1/imports/{id}',
  tags,
  summary: 'Cancel an import that is under way',
  description:
    'What was stored of it goes. An import that is stored stays: people may be called by its batch.',
  ...access('imports:write'),
  request: { params: idParams },
  responses: {
    202: json(importSchema, 'It is being cancelled.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.conflict,
  },
});

/** Received at once, of one account and of all. A body that comes slowly costs a file and a connection. */
const uploadPlaces = { ofAccount: 4, ofAll: 32 };
/** Read at once for a dry run: each takes a thread and up to 250 MB. */
const dryRunPlaces = { ofAccount: 1, ofAll: 2 };

export function importRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const uploads = new Places(uploadPlaces);
  const dryRuns = new Places(dryRunPlaces);
  router.openapi(create, async (c) => {
    const { 'idempotency-key': key, prefer } = c.req.valid('header');
    const query = c.req.valid('query');
    const { method, path } = c.req;
    const caller = callerOf(c);
    const format = sentFormatOf(c.req.raw.headers.get('content-type'));
    // Before its bytes are taken: who sends one file after the other would keep us busy with what is refused.
    if (query.dry_run !== 'true') await inAccount(deps.app, caller.accountId, (trx) => requireRoom(trx));
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
    if (received.kind === 'preview') return c.json(presentPreview(received.preview), 200);
    const { importId, isNew } = received;
    const row = await waitForImport(deps.app, { ...caller, importId }, waitMsOf(prefer), c.req.raw.signal);
    const answer = presentImport(row, isNew);
    // Told as it would be if it had been read in the request.
    if (answer.failure !== null) throw fileProblem(answer.failure, format === undefined ? 'file' : 'rows');
    if (row.state === 'stored') return c.json(answer, isNew ? 201 : 200);
    c.header('location', `/api/v1/imports/${importId}`);
    c.header('retry-after', '1');
    return c.json(answer, 202);
  });
  router.openapi(list, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const { shown, next_cursor } = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      pageOf(limit, (most) => listImports(trx, { after: cursor, limit: most }), byId),
    );
    return c.json({ imports: shown.map(presentImportRow), next_cursor }, 200);
  });
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const row = await inAccount(deps.app, c.get('caller').accountId, (trx) => readImport(trx, id));
    return c.json(presentImport(row, true), 200);
  });
  router.openapi(listProblems, async (c) => {
    const { id } = c.req.valid('param');
    const { cursor, limit, severity } = c.req.valid('query');
    const wanted = { importId: id, severity, after: cursor };
    const { page, omitted } = await inAccount(deps.app, c.get('caller').accountId, async (trx) => ({
      omitted: await remarkedRowsOmitted(trx, id),
      page: await pageOf(limit, (most) => listRemarkedRows(trx, { ...wanted, limit: most }), byId),
    }));
    const { shown, next_cursor } = page;
    return c.json({ rows: shown.map(presentRemarkedRow), rows_omitted: omitted, next_cursor }, 200);
  });
  router.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param');
    const caller = callerOf(c);
    const row = await inAccount(deps.app, caller.accountId, async (trx) => {
      await requestCancellation(trx, caller, id);
      return readImport(trx, id);
    });
    return c.json(presentImport(row, true), 202);
  });
  return router;
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
