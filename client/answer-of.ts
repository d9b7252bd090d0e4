import { fieldsOf } from './fields.ts';

/** What the API refused: asked again alike, it would refuse it again. Its words are the API's own. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly status: number;

  constructor(status: number, words: string) {
    super(words);
    this.status = status;
  }
}

/** Sends one request. Throws in words: what the API refused, with each field that it names, or that nobody answers. */
export async function answerOf(url: string, path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, init).catch((error: unknown) => {
    throw new Error(`La API no responde en ${url}: ¿está corriendo \`npm start\`?`, { cause: error });
  });
  if (response.ok) return response;
  const { detail_es: es, detail, errors } = fieldsOf(await response.json().catch(() => undefined));
  const words = [es, detail].find((text) => typeof text === 'string');
  if (words === undefined) throw failed(response.status, `La API respondió ${response.status}.`);
  // A refusal of one field says of it what it says of all.
  const lines = [words, ...fieldLines(errors).filter((line) => !line.endsWith(`: ${words}`))];
  throw failed(response.status, lines.join('\n'));
}

/** A server that fails has refused nothing. */
function failed(status: number, words: string): Error {
  return status >= 500 ? new Error(words) : new ApiRefused(status, words);
}

function fieldLines(errors: unknown): readonly string[] {
  return (Array.isArray(errors) ? errors : []).map(fieldsOf).flatMap(({ field, message_es: es, message }) => {
    const words = [es, message].find((text) => typeof text === 'string');
    return typeof field === 'string' && words !== undefined ? [`  ${field}: ${words}`] : [];
  });
}
