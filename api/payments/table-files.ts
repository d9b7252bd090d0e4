/** Payments and removals as files: kept in the request, done by a worker; the request waits for a small one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import type { TableFileKind } from '../../db/schema/schema.ts';
import { waitUntilOver } from '../../domain/imports/wait-for-import.ts';
import { readTableFile, tableFileState } from '../../domain/integrations/queries-table-files.ts';
import { receiveTableFile } from '../../domain/integrations/table-files.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { readForm } from '../imports/form.ts';
import { keepUpload, requireStore } from '../imports/keep-upload.ts';
import { Places } from '../imports/places.ts';
import { failureSchema } from '../imports/schemas.ts';
import { withUpload } from '../imports/upload.ts';
import { preferHeader, waitMsOf } from '../prefer.ts';
import { fileProblem } from '../problems.ts';
import { idempotencyHeader, idParams, idSchema, instantSchema, json, problems } from '../schemas.ts';

const tags = ['payments'];
const count = z.int().min(0);

const tableSchema = z
  .object({
    rows_read: z.int(),
    rows_done: z.int(),
    rows_known: z.int().openapi({ description: 'Taken before: a repeated file changes nothing.' }),
    rows_refused: z.int(),
    problems: z.array(
      z.object({
        sheet: z.string(),
        row: z.int(),
        column: z.string(),
        value: z.string(),
        message_es: z.string(),
        message_en: z.string(),
      }),
    ),
  })
  .openapi('TableResult');

const fileSchema = z
  .object({
    file_id: idSchema,
    state: z.enum(['waiting', 'reading', 'done', 'failed']).openapi({
      description: 'waiting: its turn comes; reading: its rows are being done; failed: see `failure`.',
    }),
    file_name: z.string(),
    sha256: z.string(),
    progress: z.object({
      bytes_total: count.openapi({ description: 'Of the file as uploaded.' }),
      bytes_read: count.openapi({ description: 'Of a workbook, as its sheet has been read.' }),
    }),
    result: tableSchema.openapi({
      description: 'What became of the rows so far. They stand, also when the file fails further down.',
    }),
    failure: failureSchema.nullable().openapi({ description: 'Why the file could not be taken.' }),
    received_at: instantSchema,
    ended_at: instantSchema.nullable(),
  })
  .openapi('TableFile');

type Path = '/api/v1/payment-files' | '/api/v1/removal-files';

function createOf(path: Path, summary: string, columns: string) {
  return createRoute({
    method: 'post',
    path,
    tags,
    summary,
    description:
      `Columns: ${columns}. Good rows go on; a bad one is reported with row, column and value. ` +
      'A file that takes longer than the caller waits is answered with 202, and done to its end: it cannot be cancelled.',
    ...access('payments:write'),
    request: {
      headers: idempotencyHeader.extend(preferHeader.shape),
      body: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object' as const,
              required: ['file'],
              additionalProperties: false,
              properties: { file: { type: 'string' as const, format: 'binary' } },
            },
          },
        },
      },
    },
    responses: {
      200: json(tableSchema, 'What became of the rows.'),
      202: json(fileSchema, 'The file is under way; `Location` has its address.'),
      ...problems.badRequest,
      ...problems.unauthorised,
      ...problems.conflict,
      ...problems.tooLarge,
      ...problems.unavailable,
      ...problems.unprocessable,
    },
  });
}

function getOf(path: Path, summary: string) {
  return createRoute({
    method: 'get',
    path: `${path}/{id}`,
    tags,
    summary,
    ...access('payments:read'),
    request: { params: idParams },
    responses: {
      200: json(fileSchema, 'The file.'),
      ...problems.badRequest,
      ...problems.unauthorised,
      ...problems.notFound,
    },
  });
}

const files = [
  {
    kind: 'payments',
    create: createOf(
      '/api/v1/payment-files',
      'Payments of an Excel or CSV, e.g. before a wave',
      'RUT or NUMERO_REFERENCIA, MONTO, and if there are any FECHA_PAGO and ID_PAGO',
    ),
    get: getOf('/api/v1/payment-files', 'A file of payments: state, progress and what became of its rows'),
  },
  {
    kind: 'removals',
    create: createOf(
      '/api/v1/removal-files',
      'People and numbers of an Excel or CSV that must not be contacted any more',
      'RUT, TELEFONO, or both',
    ),
    get: getOf('/api/v1/removal-files', 'A file of removals: state, progress and what became of its rows'),
  },
] as const;

/** Beside the file there are none. */
const noFields = z.object({}).strict();

/** Received at once, of one account and of all. A body that comes slowly costs a file and a connection. */
const filePlaces = { ofAccount: 4, ofAll: 32 };

export function addTableFiles(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  const places = new Places(filePlaces);
  for (const { kind, create, get } of files) {
    router.openapi(create, async (c) => {
      const { 'idempotency-key': key, prefer } = c.req.valid('header');
      const { method, path } = c.req;
      const caller = callerOf(c);
      const { accountId } = caller;
      await requireStore(deps);
      const { importId: fileId } = await places.during(accountId, () =>
        withUpload(c.req.raw, ({ path: onDisk, fileName, sha256, bytes, fields }) => {
          readForm(noFields, fields);
          return keepUpload(
            deps,
            onDisk,
            { accountId, key, method, path, content: { sha256 } },
            async (trx, own) => {
              const file = { fileId: own, kind, fileName, sha256, bytes };
              const { fileId: importId, isNew } = await receiveTableFile(trx, caller, file);
              return { importId, isNew };
            },
          );
        }),
      );
      const stateNow = () => inAccount(deps.app, accountId, (trx) => tableFileState(trx, fileId));
      await waitUntilOver(stateNow, waitMsOf(prefer), c.req.raw.signal);
      const answer = await readFile(deps, accountId, kind, fileId);
      // Told as it would be if it had been read in the request.
      if (answer.failure !== null) throw fileProblem(answer.failure);
      if (answer.state === 'done') return c.json(answer.result, 200);
      c.header('location', `${path}/${fileId}`);
      c.header('retry-after', '1');
      return c.json(answer, 202);
    });
    router.openapi(get, async (c) =>
      c.json(await readFile(deps, c.get('caller').accountId, kind, c.req.valid('param').id), 200),
    );
  }
}

async function readFile(
  { app }: ApiDeps,
  accountId: string,
  kind: TableFileKind,
  fileId: string,
): Promise<z.infer<typeof fileSchema>> {
  const row = await inAccount(app, accountId, (trx) => readTableFile(trx, kind, fileId));
  return {
    file_id: row.id,
    state: row.state,
    file_name: row.file_name,
    sha256: row.sha256,
    progress: { bytes_total: Number(row.bytes), bytes_read: Number(row.bytes_read) },
    result: tableSchema.parse(row),
    failure: failureSchema.nullable().parse(row.failure),
    received_at: row.created_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}
