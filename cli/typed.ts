import { CommandError, wrongValue } from './command.ts';
import { tooMany } from './files.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that somebody typed; nothing else goes into a path. */
export function idOf(text: string | undefined, usage: string): string {
  if (text === undefined) throw new CommandError(usage);
  if (uuid.test(text)) return text.toLowerCase();
  throw new CommandError(`«${text}» no es un identificador (no id).\n\n${usage}`);
}

/** One of the values that the API knows, which are typed as they are said there. */
export function oneOf<Value extends string>(name: string, text: string, known: readonly Value[]): Value {
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  const all = known.join(', ');
  throw wrongValue(name, text, `uno de: ${all}`, `one of: ${all}`);
}

/** A value without which nothing is done. */
export function required(value: string | undefined, usage: string): string {
  if (value === undefined || value.trim() === '') throw new CommandError(usage);
  return value;
}

/** What was typed behind all that the command takes would be done without. */
export function nothingMore(rest: readonly string[], usage: string): void {
  if (rest.length > 0) throw tooMany(rest, usage);
}

/** Data as it came, for programs. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

/** `--settled` as it is typed; the API's word has no dash. */
export function settledOf(text: string | undefined): 'leave_out' | 'call' | undefined {
  if (text === undefined) return undefined;
  return oneOf('settled', text, ['leave-out', 'call'] as const) === 'call' ? 'call' : 'leave_out';
}

const useCaseKeys = ['debt_collection', 'user_experience', 'marketing', 'notification'] as const;

/** Of a file that was read: the API names its use case as any text. */
export function useCaseKeyOf(text: string): (typeof useCaseKeys)[number] {
  return oneOf('use-case', text, useCaseKeys);
}
