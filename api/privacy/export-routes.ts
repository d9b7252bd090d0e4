import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { exportPerson, exportRegister } from '../../domain/privacy/export.ts';
import { access } from '../access.ts';
import { callerOf } from '../auth.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { idParams, instantSchema, json, problems } from '../schemas.ts';

const rowSchema = z.record(z.string(), z.unknown());

const exportSchema = z
  .object({
    exported_at: instantSchema,
    person: rowSchema,
    sections: z.record(z.string(), z.array(rowSchema)).openapi({
      description:
        'phones, addresses, contacts, debts, calls with what was said, turns, recordings (heard at calls/{id}/recording), in_call_functions, messages, agreements, payments, wishes, tasks, stops, do_not_contact, requests, rows_of_files; the newest first, at most 1,000 each.',
    }),
    register: z.array(rowSchema).openapi({ description: 'The register of contacts, the oldest first.' }),
    cut: z.array(z.string()).openapi({ description: 'What has more than 1,000: the oldest are left out.' }),
  })
  .openapi('PersonExport');

const get = createRoute({
  method: 'get',
  path: '/api/v1/people/{id}/export',
  tags: ['privacy'],
  summary: 'Everything that is kept of one person, for a request for access or portability',
  description:
    'With `format=csv` the register of contacts alone, whole, as Excel opens it. Each export is an audit row.',
  ...access('privacy:read'),
  request: {
    params: idParams,
    query: z.object({ format: z.enum(['json', 'csv']).default('json') }),
  },
  responses: {
    200: {
      description: 'What is kept.',
      content: { ...json(exportSchema, '').content, 'text/csv': { schema: z.string() } },
    },
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.notFound,
  },
});

export function addExport(router: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  router.openapi(get, async (c) => {
    const caller = callerOf(c);
    const { id } = c.req.valid('param');
    if (c.req.valid('query').format === 'csv') {
      const csv = await inAccount(deps.app, caller.accountId, (trx) => exportRegister(trx, caller, id));
      return c.body(csv, 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="registro-${id}.csv"`,
      });
    }
    const kept = await inAccount(deps.app, caller.accountId, (trx) => exportPerson(trx, caller, id));
    const { person, cut } = kept;
    return c.json(
      {
        exported_at: kept.exportedAt.toISOString(),
        person,
        sections: mutable(kept.sections),
        register: kept.register.map((line) => ({ ...line })),
        cut: [...cut],
      },
      200,
    );
  });
}

function mutable<T>(sections: Readonly<Record<string, readonly T[]>>): Record<string, T[]> {
  return Object.fromEntries(Object.entries(sections).map(([name, rows]) => [name, [...rows]]));
}
