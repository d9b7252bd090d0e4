import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { openResults, readResults } from '../../domain/batches/results.ts';
import { resultFormats, resultsFile } from '../../domain/batches/results-files.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { idParams, problems } from '../schemas.ts';
import { acceptedFormat, typeOf } from './formats.ts';
import { OpenFiles } from './open-files.ts';
import { contactResultSchema } from './schemas.ts';

const get = createRoute({
  method: 'get',
  path: '/api/v1/batches/{id}/results',
  tags: ['batches'],
  summary: 'What became of each contact of a batch, as NDJSON, CSV or Excel',
  description:
    'By `format`, or else by `Accept`; NDJSON when neither says anything. One row a contact, in the order of the file; each says when ' +
    'it was read (`as_of`), because a batch goes on while it is. A download that breaks off is not whole.',
  ...access('results:read'),
  request: { params: idParams, query: z.object({ format: z.enum(resultFormats).optional() }) },
  responses: {
    200: {
      description:
        'The file. Of NDJSON each line is as the schema says; titles of CSV and Excel are Spanish.',
      content: {
        [typeOf.ndjson]: { schema: contactResultSchema },
        [typeOf.csv]: { schema: z.string() },
        [typeOf.xlsx]: { schema: z.string() },
      },
    },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
    ...problems.notAcceptable,
    ...problems.unprocessable,
  },
});

/** Files of results that an account reads at once. */
const mostFiles = 3;

export function resultRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  const files = new OpenFiles(mostFiles);
  router.openapi(get, async (c) => {
    const { id } = c.req.valid('param');
    const { accountId } = c.get('caller');
    const format = c.req.valid('query').format ?? acceptedFormat(c.req.header('accept'));
    const body = await files.body(accountId, async () => {
      const batch = await openResults(deps.app, accountId, id, format === 'xlsx');
      return resultsFile(format, batch, readResults(deps.app, accountId, id));
    });
    return c.body(body, 200, {
      'content-type': format === 'csv' ? `${typeOf.csv}; charset=utf-8` : typeOf[format],
      'content-disposition': `attachment; filename="resultados-${id}.${format}"`,
      vary: 'accept',
    });
  });
  return router;
}
