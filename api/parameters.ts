import type { OpenAPIHono } from '@hono/zod-openapi';
import { phraseField } from '../domain/shared/rules/field-words.ts';
import type { ApiEnv } from './deps.ts';
import { problem } from './problems.ts';

/** A route as the router writes it: 'GET /api/v1/batches/:id'. */
export function servedName({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method.toUpperCase()} ${path.replaceAll(/\/\{(.+?)\}/g, '/:$1')}`;
}

export interface Parameters {
  readonly query: readonly string[];
  /** Its body is JSON, and needed. */
  readonly takesJson: boolean;
}

/** What each route takes, by its method and path as the router writes them. */
export function knownParameters(app: OpenAPIHono<ApiEnv>): ReadonlyMap<string, Parameters> {
  return new Map(
    app.openAPIRegistry.definitions.flatMap((definition): readonly (readonly [string, Parameters])[] => {
      if (definition.type !== 'route') return [];
      const query: unknown = definition.route.request?.query;
      const shape: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, 'shape') : {};
      const { body } = definition.route.request ?? {};
      const takesJson = body?.required === true && body.content['application/json'] !== undefined;
      return [[servedName(definition.route), { query: Object.keys(Object(shape)), takesJson }]];
    }),
  );
}

/** Throws a 400 that names each parameter that nobody reads. */
export function requireKnown(asked: readonly string[], known: readonly string[]): void {
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const words =
    known.length === 0
      ? phraseField('no_parameters')
      : phraseField('unknown_parameter', { known: known.join(', ') });
  const errors = unknown.map((name) => {
    return { field: `query.${name.slice(0, 100)}`, message: words.en, message_es: words.es };
  });
  throw problem('invalid_request', {}, { errors: errors.slice(0, 20) });
}
