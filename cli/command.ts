import { parseArgs } from 'node:util';
import { ApiRefused } from '../client/problem.ts';
import type { Bilingual } from '../domain/shared/rules/bilingual.ts';
import { OperationRefused } from '../domain/shared/refused.ts';

/** How a command ends: well; it failed or found something; it could not begin (a wrong option, no database named); it was refused. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;

/** Why a command ends, in words for whoever typed it. */
export class CommandError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A command of `scripts/`: what `--help` prints, and what it does with the arguments behind its name. */
export interface Command {
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<void> | void;
}

/** Runs a command to its exit code. A mistake of whoever typed ends in words, never in a stack trace. */
export async function runCommand(
  { usage, run }: Command,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  endWithReader();
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  try {
    await run(args);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    console.error(wordsOf(error));
    if (isWrongOption(error)) console.error(`\n${usage}`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (isWrongOption(error)) return exitCodes.usage;
  return error instanceof OperationRefused || error instanceof ApiRefused
    ? exitCodes.refused
    : exitCodes.failed;
}

/** Of a program that SIGPIPE has ended, as shells tell it. */
const readerWent = 141;

/** A reader that goes, as `head` does when it has enough, ends the command as it ends the system's own: without a word. */
function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: Error) => {
      if ('code' in error && error.code === 'EPIPE') process.exit(readerWent);
      throw error;
    });
  }
}

/** `parseArgs` met an option that it does not know, or one without its value. */
export function isWrongOption(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return error.code.startsWith('ERR_PARSE_ARGS');
}

function wordsOf(error: unknown): string {
  if (error instanceof OperationRefused) return `${error.es} (${error.message})`;
  if (error instanceof AggregateError) return [...new Set(error.errors.map(wordsOf))].join('; ');
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const [, named = ''] = /'([^']+)'/.exec(error.message) ?? [];
  const words = systemWords[code];
  return words === undefined ? error.message : `${words.es}${named === '' ? '' : `: ${named}`} (${words.en})`;
}

/** What Node.js says in its own English, by its code; what is named stands behind it. */
const systemWords: Readonly<Record<string, Bilingual>> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: { es: 'No se conoce la opción', en: 'unknown option' },
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: {
    es: 'A la opción le falta su valor, o le sobra',
    en: 'the option lacks its value, or takes none',
  },
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: { es: 'Sobra', en: 'not expected' },
  ENOENT: { es: 'No existe el archivo o la carpeta', en: 'no such file or folder' },
  ENOTDIR: { es: 'No es una carpeta', en: 'not a folder' },
  EISDIR: { es: 'Es una carpeta, no un archivo', en: 'a folder, not a file' },
  EACCES: { es: 'No hay permiso', en: 'no permission' },
  EEXIST: { es: 'Ya existe', en: 'it exists already' },
};

/** The database that DATABASE_URL names; `purpose` ends the sentence "name the database …". */
export function databaseUrl(purpose: string): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '')
    throw new CommandError(`DATABASE_URL is not set: name the database ${purpose}`);
  return url;
}

/** The arguments of a command that takes no option: at most `most` of them. Throws for more, and for anything that looks like an option. */
export function plainArguments(args: readonly string[], most: number): readonly string[] {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  if (positionals.length <= most) return positionals;
  throw new CommandError(`Sobra (not expected): ${positionals.slice(most).join(' ')}`);
}

/** An option that is a whole number above 0. */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw wrongValue(name, text, 'un número entero mayor que 0', 'a whole number above 0');
}

/** A value that an option cannot take, in both languages. */
export function wrongValue(name: string, value: string, es: string, en: string): CommandError {
  return new CommandError(`--${name} "${value}" no sirve: debe ser ${es} (it should be ${en})`);
}
