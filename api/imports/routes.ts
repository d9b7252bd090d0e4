import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { importResultsFile } from '../../domain/batches/import-results.ts';
import { refusedFile } from '../../domain/imports/refused-file.ts';
import { OpenFiles } from '../results/open-files.ts';
import { typeOf } from '../results/formats.ts';
import { inAccount } from '../../db/client.ts';
import { requestCancellation } from '../../domain/imports/imports.ts';
import { readImport } from '../../domain/imports/queries.ts';
import { listRemarkedRows, remarkedRowsOmitted } from '../../domain/imports/queries-remarks.ts';
import { listImports } from '../../domain/imports/queries-runs.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { byId, pageOf } from '../page.ts';
import { preferHeader } from '../prefer.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, idParams, json, pageQuery, problems } from '../schemas.ts';
import { uploadBodies } from './bodies.ts';
import { presentImport, presentImportRow, presentRemarkedRow } from './present.ts';
import {
  importPageSchema,
  importSchema,
  remarkedRowPageSchema,
  remarkedRowQuery,
  uploadQuery,
} from './schemas.ts';
import type { Uploads } from './uploads.ts';

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

const sheetOf = (description: string) => ({
  200: { description, content: { [typeOf.xlsx]: { schema: z.string() } } },
  ...problems.badRequest,
  ...problems.unauthorised,
  ...problems.forbidden,
  ...problems.notFound,
  ...problems.tooMany,
});

const refusedSheet = createRoute({
  method: 'get',
  path: '/api/v1/imports/{id}/refused.xlsx',
  tags,
  summary: 'Refused rows of an import as Excel, to mend and upload again',
  description:
    'The first sheet has the rows under the columns of the file, as they were read (at most 120 characters of a cell); the second one says what was wrong with each.',
  ...access('imports:read'),
  request: { params: idParams },
  responses: sheetOf('The workbook.'),
});

const resultSheet = createRoute({
  method: 'get',
  path: '/api/v1/imports/{id}/results.xlsx',
  tags,
  summary: 'Rows of an uploaded file in their order, with what became of each person',
  ...access('results:read'),
  request: { params: idParams },
  responses: { ...sheetOf('The workbook.'), ...problems.unprocessable },
});

/** Workbooks of imports that an account reads at once. */
const mostFiles = 3;

export function importRoutes(deps: ApiDeps, uploads: Uploads): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(create, async (c) => {
    const { status, answer, headers } = await uploads.take(c, c.req.valid('header'), c.req.valid('query'));
    return c.json(answer, status, headers);
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
  const files = new OpenFiles(mostFiles);
  const send = async (
    c: Context<ApiEnv>,
    name: string,
    open: (accountId: string) => Promise<AsyncGenerator<Uint8Array>>,
  ): Promise<Response> => {
    const { accountId } = c.get('caller');
    const body = await files.body(accountId, () => open(accountId));
    return c.body(body, 200, {
      'content-type': typeOf.xlsx,
      'content-disposition': `attachment; filename="${name}.xlsx"`,
    });
  };
  router.openapi(refusedSheet, (c) => {
    const { id } = c.req.valid('param');
    return send(c, 'rechazadas', (accountId) => refusedFile(deps.app, accountId, id));
  });
  router.openapi(resultSheet, (c) => {
    const { id } = c.req.valid('param');
    return send(c, 'resultados', (accountId) => importResultsFile(deps.app, accountId, id));
  });
  return router;
}
