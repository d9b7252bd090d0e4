import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { inAccount } from '../../db/client.ts';
import { type PreviewedTerms, previewTerms } from '../../domain/batches/preview-terms.ts';
import { packInWords, policyInWords } from '../../domain/policy/rules/rules-in-words.ts';
import { instantInEnglish, instantInWords } from '../../domain/shared/rules/written-instants.ts';
import { useCases } from '../../domain/usecases/registry.ts';
import { access } from '../access.ts';
import type { ApiDeps, ApiEnv } from '../deps.ts';
import { createRouter } from '../router.ts';
import { instantSchema, json, maybe, problems, textSchema } from '../schemas.ts';

const version = z.object({ key: z.string(), version: z.int() });
const worded = version.extend({ es: z.string(), en: z.string() });

const termsSchema = z
  .object({
    use_case: z.string(),
    pack: worded.extend({
      simulated_only: z.boolean().openapi({ description: 'Only with a provider that rings nobody.' }),
    }),
    policy: worded,
    negotiation: version.nullable(),
    zone: z.string(),
    first_call_at: instantSchema.nullable().openapi({
      description: "By the account's clock. Null: the pack allows no call in sight.",
    }),
    es: z.string().openapi({ description: 'All of it in one sentence for whoever decides.' }),
    en: z.string(),
  })
  .openapi('Terms');

const preview = createRoute({
  method: 'get',
  path: '/api/v1/terms',
  tags: ['batches'],
  summary: 'The rules that a batch would be worked under, and when its first call could be',
  description:
    'What a dry run, a rehearsal and a start should show before anybody is called. Name the same `pack` and `policy` in `POST /batches` and `POST /rehearsals`.',
  ...access('batches:read'),
  request: {
    query: z
      .object({
        use_case: z.enum(useCases.map(({ key }) => key)),
        pack: maybe(textSchema(60)).openapi({
          description: 'Default: the one that the account has chosen last.',
        }),
        policy: maybe(textSchema(60)).openapi({
          description:
            "Default: by the use case's schedule; `demo` for a pack that only simulated lines may use.",
        }),
        negotiation: maybe(textSchema(40)),
        pool: maybe(textSchema(60)),
        from: maybe(z.iso.datetime()).openapi({ description: 'The first call from then on. Default: now.' }),
      })
      .strict(),
  },
  responses: {
    200: json(termsSchema, 'The terms.'),
    ...problems.badRequest,
    ...problems.unauthorised,
    ...problems.unprocessable,
  },
});

export function termsRoutes(deps: ApiDeps): OpenAPIHono<ApiEnv> {
  const router = createRouter();
  router.openapi(preview, async (c) => {
    const { use_case: useCase, pack, policy, negotiation, pool, from } = c.req.valid('query');
    const previewed = await inAccount(deps.app, c.get('caller').accountId, (trx) =>
      previewTerms(trx, {
        useCase,
        pack,
        policy,
        negotiation,
        pool,
        from: from === undefined ? undefined : new Date(from),
      }),
    );
    return c.json(present(useCase, previewed), 200);
  });
  return router;
}

function present(useCase: string, { terms, firstCallAt }: PreviewedTerms): z.infer<typeof termsSchema> {
  const { policy, pack, negotiation, zone } = terms;
  const [packWords, policyWords] = [packInWords(pack), policyInWords(policy)];
  const first =
    firstCallAt === null
      ? {
          es: 'estas reglas no permiten ninguna llamada en los próximos días',
          en: 'these rules allow no call in sight',
        }
      : {
          es: `primera llamada: ${instantInWords(zone, firstCallAt)}`,
          en: `first call: ${instantInEnglish(zone, firstCallAt)}`,
        };
  return {
    use_case: useCase,
    pack: { key: pack.key, version: pack.version, ...packWords, simulated_only: pack.simulatedOnly },
    policy: { key: policy.key, version: policy.version, ...policyWords },
    negotiation: negotiation === undefined ? null : { key: negotiation.key, version: negotiation.version },
    zone,
    first_call_at: firstCallAt?.toISOString() ?? null,
    es: `Reglas: ${packWords.es}; ${policyWords.es}. ${capital(first.es)}.`,
    en: `Rules: ${packWords.en}; ${policyWords.en}. ${capital(first.en)}.`,
  };
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
