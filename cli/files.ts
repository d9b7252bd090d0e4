import { stat } from 'node:fs/promises';
import { CommandError } from './command.ts';

/** The one file that a command names, looked at before anything is sent. Throws `CommandError`, in words, for what is none. */
export async function fileArgument(positionals: readonly string[], usage: string): Promise<string> {
  const [file, ...others] = positionals;
  if (file === undefined) throw new CommandError(usage);
  if (others.length > 0) throw tooMany(others, usage);
  const found = await stat(file).catch((error: unknown) => {
    throw new CommandError(cannotRead(file, error));
  });
  if (found.isDirectory()) throw new CommandError(`«${file}» es una carpeta: indique el archivo.`);
  if (found.size === 0) throw new CommandError(`El archivo «${file}» está vacío.`);
  return file;
}

/** Of a command that takes nothing, or one thing only. */
export function tooMany(others: readonly string[], usage: string): CommandError {
  return new CommandError(`Sobra: ${others.join(' ')}\n\n${usage}`);
}

function cannotRead(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `No existe el archivo «${file}».`;
  if (code === 'EACCES' || code === 'EPERM') return `No hay permiso para leer «${file}».`;
  return `No se puede leer «${file}»: ${String(error)}`;
}
