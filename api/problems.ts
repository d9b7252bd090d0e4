import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { STATUS_CODES } from 'node:http';
import { ImportFileError } from '../domain/imports/errors.ts';
import { type FieldError, OperationRefused } from '../domain/shared/refused.ts';
import type { Bilingual } from '../domain/shared/rules/bilingual.ts';
import {
  phraseRefusal,
  type RefusalCode,
  refusals,
  type RefusalValues,
} from '../domain/shared/rules/refusals.ts';
import type { RefusalKind } from '../domain/shared/rules/refusals/refusal.ts';
import { AccountBusy } from '../db/shares.ts';
import { SecretsKeyMissing } from '../outbound/secret-box.ts';
import type { ApiDeps, ApiEnv } from './deps.ts';

export interface ProblemOptions {
  /** The field of the request that must change. Its message is the problem's own. */
  readonly field?: string;
  readonly errors?: readonly FieldError[];
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, RFC 9457. Thrown by handlers; `answerError` presents it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly es: string;
  readonly options: ProblemOptions;

  constructor(status: ContentfulStatusCode, code: string, words: Bilingual, options: ProblemOptions = {}) {
    super(words.en);
    this.status = status;
    this.code = code;
    this.es = words.es;
    this.options = options;
  }
}

/** A problem of the catalogue with its values, to be thrown. */
export function problem(
  code: RefusalCode,
  values: RefusalValues = {},
  options: ProblemOptions = {},
): Problem {
  const words = phraseRefusal(code, values);
  const { field } = options;
  const errors = field === undefined ? {} : { errors: [{ field, message: words.en, message_es: words.es }] };
  return new Problem(statusOf[refusals[code].kind], code, words, { ...errors, ...options });
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

/** Of a path that nobody serves, and of a route that found nothing itself, as that of a file which is not there. */
export function answerUnknownRoute(c: Context<ApiEnv>): Response {
  return present(problem('no_such_route'), c.get('requestId'));
}

function present({ status, code, message, es, options }: Problem, requestId: string): Response {
  const { errors = [], extra = {}, headers = {} } = options;
  const body = {
    ...extra,
    type: `urn:tandas:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    detail_es: es,
    instance: `urn:tandas:request:${requestId}`,
    ...(errors.length === 0 ? {} : { errors }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}

const statusOf: Readonly<Record<RefusalKind, ContentfulStatusCode>> = {
  invalid: 400,
  unauthorised: 401,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  not_acceptable: 406,
  conflict: 409,
  gone: 410,
  out_of_range: 416,
  too_large: 413,
  unsupported: 415,
  unprocessable: 422,
  too_many: 429,
  internal: 500,
  unavailable: 503,
};

/** A file, or rows, that cannot be taken at all. */
export function fileProblem(
  { code, message_en: en, message_es: es }: Pick<ImportFileError, 'code' | 'message_en' | 'message_es'>,
  field: 'file' | 'rows' = 'file',
): Problem {
  const status = code === 'file_too_large' ? 413 : 422;
  return new Problem(status, code, { en, es }, { errors: [{ field, message: en, message_es: es }] });
}

/** By then hundreds of requests of an account have been answered, unless they wait for locks of their own. */
const busySeconds = 2;

function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OperationRefused) {
    const { kind, code, message, es, errors, extra } = error;
    const mayRepeat = kind === 'unavailable' || kind === 'too_many';
    const headers = mayRepeat ? { headers: { 'retry-after': '5' } } : {};
    return new Problem(statusOf[kind], code, { en: message, es }, { errors, extra, ...headers });
  }
  if (error instanceof AccountBusy)
    return problem(
      'too_many_requests',
      { seconds: busySeconds },
      { headers: { 'retry-after': `${busySeconds}` } },
    );
  if (error instanceof SecretsKeyMissing) return problem('secrets_key_missing');
  if (error instanceof ImportFileError) return fileProblem(error);
  if (error instanceof HTTPException && error.status < 500) {
    if (error.status === 415) return problem('unsupported_media_type');
    return problem('malformed_request');
  }
  return problem('internal');
}
