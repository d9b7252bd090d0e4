import { createRoute, type OpenAPIHono, type z } from '@hono/zod-openapi';
import { access } from '../access.ts';
import { keepTrace } from '../../observability/trace-rows.ts';
import { useCases } from '../../domain/usecases/registry.ts';
import { importUpload, previewUpload, type Upload } from '../../domain/imports/imports.ts';
import { readImport } from '../../domain/imports/queries.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { keyed } from '../keyed.ts';
import { Problem, problem } from '../problems.ts';
import { createRouter } from '../router.ts';
import { idempotencyHeader, json, problems } from '../schemas.ts';
import { presentEarlier, presentPreview, presentStored } from './present.ts';
import { importSchema, uploadFieldsSchema, uploadQuery } from './schemas.ts';
import { type ReceivedUpload, withUpload } from './upload.ts';

const text = (description: string) => ({ type: 'string' as const, description });

/** A plain OpenAPI schema: a zod one would make the validator hold the whole file in memory. */
const formSchema = {
  type: 'object' as const,
  required: ['file'],
  properties: {
    file: { type: 'string' as const, format: 'binary', description: '.xlsx or .csv, at most 50 MB.' },
    use_case: {
      type: 'string' as const,
      enum: useCases.map(({ key }) => key),
      description: 'Default: by columns.',
    },
    sheet: text('Default: the sheet whose headers fit best.'),
    creditor: text('For rows that name none.'),
    country: text("ISO 3166, for rows that name none. Default: the account's."),
    currency: text("ISO 4217, of the file's amounts."),
    dry_run: { type: 'boolean' as const, description: 'Preview only: nothing is stored.' },
    again: { type: 'boolean' as const, description: 'Import the file although it was imported before.' },
  },
};

const create = createRoute({
  method: 'post',
  path: '/api/v1/imports',
  tags: ['imports'],
  summary: 'Upload an Excel or CSV of people',
  description:
    'Good rows are stored, bad ones are reported with sheet, row, column and value. Nobody is called: a batch of the import does that.',
  ...access('imports:write'),
  request: {
    headers: idempotencyHeader,
    query: uploadQuery,
    body: { required: true, content: { 'multipart/form-data': { schema: formSchema } } },
  },
  responses: {
    200: json(importSchema, 'A dry run, or a file that was imported before.'),
    201: json(importSchema, 'The import is stored.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.conflict,
    ...problems.tooLarge,
    ...problems.unprocessable,
    ...problems.unavailable,
  },
});

/** Each upload that is read may take some hundred MB of memory. */
const maxUploadsAtOnce = 4;

export function importRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  let underWay = 0;
  router.openapi(create, async (c) => {
    if (underWay >= maxUploadsAtOnce) throw busy();
    underWay += 1;
    try {
      const query = c.req.valid('query');
      const { method, path } = c.req;
      const caller = callerOf(c);
      return await withUpload(c.req.raw, async (received) => {
        const fields = readFields({ ...received.fields, ...query });
        const upload = uploadOf(received, fields);
        if (fields.dry_run) {
          return c.json(presentPreview(await previewUpload(deps, caller.accountId, upload)), 200);
        }
        const request = {
          accountId: caller.accountId,
          key: c.req.valid('header')['idempotency-key'],
          method,
          path,
          content: { ...fields, sha256: received.sha256 },
        };
        const answer = await keyed(deps, request, async (trx) => {
          const imported = await importUpload(trx, deps, caller, { ...upload, again: fields.again });
          return imported.kind === 'stored'
            ? { status: 201, body: presentStored(imported) }
            : { status: 200, body: presentEarlier(await readImport(trx, imported.earlier.importId)) };
        });
        const imported = importSchema.parse(answer.body);
        if (answer.status === 201 && imported.import_id !== null) {
          await keepTrace(deps.app, caller.accountId, 'core.import', imported.import_id);
        }
        return c.json(imported, answer.status === 201 ? 201 : 200);
      });
    } finally {
      underWay -= 1;
    }
  });
  return router;
}

type Fields = z.infer<typeof uploadFieldsSchema>;

function readFields(sent: Readonly<Record<string, string | undefined>>): Fields {
  // An empty field of a form is one that was not filled in.
  const filled = Object.fromEntries(
    Object.entries(sent).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = uploadFieldsSchema.safeParse(filled);
  if (parsed.success) return parsed.data;
  throw problem(
    'form_invalid',
    {},
    {
      errors: parsed.error.issues.map(({ path, message }) => ({
        field: path.map(String).join('.'),
        message,
      })),
    },
  );
}

function uploadOf({ path, fileName, sha256 }: ReceivedUpload, fields: Fields): Upload {
  const { use_case: useCase, sheet, creditor, country, currency } = fields;
  return {
    path,
    fileName,
    sha256,
    ...(useCase === undefined ? {} : { useCase }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(creditor === undefined ? {} : { creditor }),
    ...(country === undefined ? {} : { country }),
    ...(currency === undefined ? {} : { currency }),
  };
}

function busy(): Problem {
  return problem('too_many_uploads', {}, { headers: { 'retry-after': '10' } });
}
