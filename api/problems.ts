import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { STATUS_CODES } from 'node:http';
import { ImportFileError } from '../domain/imports/errors.ts';
import { type FieldError, OperationRefused, type RefusalKind } from '../domain/shared/refused.ts';
import { SecretsKeyMissing } from '../outbound/secret-box.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';

export interface ProblemOptions {
  readonly detailEs?: string;
  readonly errors?: readonly FieldError[];
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, RFC 9457. Thrown by handlers; `answerError` presents it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly options: ProblemOptions;

  constructor(status: ContentfulStatusCode, code: string, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

/** The one place where errors become answers. What nobody foresaw is logged, and told to nobody. */
export function answerError(deps: Pick<ApiDeps, 'logger'>) {
  return (error: Error, c: Context<ApiEnv>): Response => {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      deps.logger.error(
        { requestId: c.get('requestId'), method: c.req.method, path: c.req.routePath, err: error },
        'request failed',
      );
    }
    return present(problem, c.get('requestId'));
  };
}

export function answerUnknownRoute(c: Context<ApiEnv>): Response {
  return present(
    new Problem(404, 'no_such_route', 'There is no such route. GET /docs lists them.', {
      detailEs: 'No existe esa ruta. GET /docs las enumera.',
    }),
    c.get('requestId'),
  );
}

function present({ status, code, message, options }: Problem, requestId: string): Response {
  const { detailEs, errors = [], extra = {}, headers = {} } = options;
  const body = {
    ...extra,
    type: `urn:tandas:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...(detailEs === undefined ? {} : { detail_es: detailEs }),
    instance: `urn:tandas:request:${requestId}`,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

const statusOf: Readonly<Record<RefusalKind, ContentfulStatusCode>> = {
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  unavailable: 503,
};

function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OperationRefused) {
    return new Problem(statusOf[error.kind], error.code, error.message, {
      detailEs: error.es,
      errors: error.errors,
      extra: error.extra,
      ...(error.kind === 'unavailable' ? { headers: { 'retry-after': '5' } } : {}),
    });
  }
  if (error instanceof SecretsKeyMissing) {
    return new Problem(503, 'secrets_key_missing', `${error.message}. Whoever runs this server sets it.`, {
      detailEs:
        'SECRETS_KEY no está definida: no se pueden guardar ni usar secretos. La define quien opera este servidor.',
    });
  }
  if (error instanceof ImportFileError) {
    const status = error.code === 'file_too_large' ? 413 : 422;
    return new Problem(status, error.code, error.message_en, {
      detailEs: error.message_es,
      errors: [{ field: 'file', message: error.message_en }],
    });
  }
  if (error instanceof HTTPException && error.status < 500) {
    const code = error.status === 415 ? 'unsupported_media_type' : 'malformed_request';
    // Not the exception's own status type: it also holds those that allow no body.
    const status = error.status === 415 ? 415 : error.status === 413 ? 413 : 400;
    return new Problem(status, code, error.message);
  }
  return new Problem(500, 'internal', 'Something failed here. The request id names it in our log.', {
    detailEs: 'Algo falló de nuestro lado. El id de la solicitud lo identifica en nuestro registro.',
  });
}
