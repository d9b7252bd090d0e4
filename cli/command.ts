import { OperationRefused } from '../domain/shared/refused.ts';

/** Why a command ends. `exitCode` 2: it could not begin (a wrong option, no database named); 1: it found or was refused something. */
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
export async function runCommand({ usage, run }: Command): Promise<void> {
  endWithReader();
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  try {
    await run(args);
  } catch (error) {
    process.exitCode = error instanceof CommandError ? error.exitCode : isWrongOption(error) ? 2 : 1;
    console.error(wordsOf(error));
    if (isWrongOption(error)) console.error(`\n${usage}`);
  }
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
function isWrongOption(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return error.code.startsWith('ERR_PARSE_ARGS');
}

function wordsOf(error: unknown): string {
  if (error instanceof OperationRefused) return `${error.es} (${error.message})`;
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** The database that DATABASE_URL names; `purpose` ends the sentence "name the database …". */
export function databaseUrl(purpose: string): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '')
    throw new CommandError(`DATABASE_URL is not set: name the database ${purpose}`);
  return url;
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
