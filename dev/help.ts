import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { isWrongOption } from '../cli/command.ts';

/** Prints the usage and ends where `--help` is asked for. */
export function helpFirst(usage: string, args: readonly string[] = process.argv.slice(2)): void {
  if (!args.includes('--help') && !args.includes('-h')) return;
  console.log(usage);
  process.exit(0);
}

/** The options of a development command; a mistake ends it with words and code 2. */
export function readArguments<T extends ParseArgsOptionsConfig>(usage: string, options: T) {
  helpFirst(usage);
  try {
    return parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
  } catch (error) {
    if (!isWrongOption(error)) throw error;
    console.error(`${error instanceof Error ? error.message : ''}\n\n${usage}`);
    process.exit(2);
  }
}
