import { CommandError } from './command.ts';
import { tooMany } from './files.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id that somebody typed; nothing else goes into a path. */
export function idOf(text: string | undefined, usage: string): string {
  if (text === undefined) throw new CommandError(usage);
  if (uuid.test(text)) return text.toLowerCase();
  throw new CommandError(`«${text}» no es un identificador (no id).\n\n${usage}`);
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
