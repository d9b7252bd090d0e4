import { fieldsOf } from './fields.ts';

/** Which of the API's words a person is shown. */
export type Locale = 'es' | 'en';

/** What the API refused: asked again alike, it would refuse it again. Its words are the API's own. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly status: number;
  /** Of the problem, as `batch_closed`; undefined where an answer between us and the API names none. */
  readonly code: string | undefined;

  constructor(status: number, words: string, code?: string) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

/** An answer that is no success, in words: the API's own, with each field that it names. Reads the whole body. */
export async function problemOf(response: Response, locale: Locale): Promise<Error> {
  // To its end, also where it is no JSON: a body that nobody reads holds its connection.
  const problem = fieldsOf(parsed(await response.text().catch(() => '')));
  const { status } = response;
  const words = inWords(problem['detail_es'], problem['detail'], locale);
  if (words === undefined) return failed(status, answeredWith[locale](status));
  // A refusal of one field says of it what it says of all.
  const fields = fieldLines(problem['errors'], locale).filter((line) => !line.endsWith(`: ${words}`));
  const type = problem['type'];
  const code = typeof type === 'string' ? type.replace(/^urn:tandas:problem:/, '') : undefined;
  return failed(status, [words, ...fields].join('\n'), code);
}

/** Nobody answered at all. */
export function unreachable(url: string, locale: Locale, cause: unknown): Error {
  return new Error(silent[locale](url), { cause });
}

const answeredWith: Readonly<Record<Locale, (status: number) => string>> = {
  es: (status) => `La API respondió ${status}.`,
  en: (status) => `The API answered ${status}.`,
};

const silent: Readonly<Record<Locale, (url: string) => string>> = {
  es: (url) => `La API no responde en ${url}: ¿está corriendo \`npm start\`?`,
  en: (url) => `The API does not answer at ${url}: is \`npm start\` running?`,
};

/** A server that fails has refused nothing. */
function failed(status: number, words: string, code?: string): Error {
  return status >= 500 ? new Error(words) : new ApiRefused(status, words, code);
}

function inWords(es: unknown, en: unknown, locale: Locale): string | undefined {
  const wanted = locale === 'es' ? [es, en] : [en, es];
  return wanted.find((text) => typeof text === 'string');
}

function fieldLines(errors: unknown, locale: Locale): readonly string[] {
  return (Array.isArray(errors) ? errors : []).map(fieldsOf).flatMap(({ field, message_es: es, message }) => {
    const words = inWords(es, message, locale);
    return typeof field === 'string' && words !== undefined ? [`  ${field}: ${words}`] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
