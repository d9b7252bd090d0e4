import { spawn } from 'node:child_process';
import { copyFile, mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, StackError } from './errors.ts';
import { projectDir } from '../../client/local.ts';
import { lastLines, run } from './run.ts';
import { spokenDuration, type Progress } from './terminal.ts';

export const SERVER_VERSION = '1.32.0';
export const UI_VERSION = '2.54.1';

/** Modules 1.6 GB, build cache 2 GB, measured; the rest is air. */
const NEEDED_BYTES = 5 * 1024 ** 3;

const MAINS = [
  { output: 'temporal-server', main: 'go.temporal.io/server/cmd/server' },
  { output: 'temporal-ui', main: 'github.com/temporalio/ui-server/v2/cmd/server' },
] as const;

/**
 * Builds the official server and UI from their Go modules into `outDir`. The versions and checksums are those of
 * `temporal-build/go.mod` and `go.sum`. Everything else the build writes lies in `workDir`, removed afterwards.
 */
export async function buildTemporal(
  outDir: string,
  workDir: string,
  { progress, signal }: { readonly progress: Progress; readonly signal?: AbortSignal },
): Promise<void> {
  await requireGo();
  await mkdir(workDir, { recursive: true });
  await requireSpace(workDir);
  try {
    const moduleDir = join(workDir, 'module');
    await mkdir(moduleDir, { recursive: true });
    for (const file of ['go.mod', 'go.sum']) {
      await copyFile(join(projectDir, 'dev', 'stack', 'temporal-build', file), join(moduleDir, file));
    }
    await mkdir(outDir, { recursive: true });
    const startedAtMs = Date.now();
    for (const [index, { output, main }] of MAINS.entries()) {
      const build = { moduleDir, workDir, output: join(outDir, output), main, signal };
      await goBuild(build, (state) =>
        progress.busy(
          `… Compilando Temporal ${SERVER_VERSION} con Go, una sola vez, unos 3 a 5 min` +
            ` (${index + 1}/${MAINS.length} ${output}, ${spokenDuration(Date.now() - startedAtMs)}) ${state}`,
        ),
      );
    }
  } finally {
    await rm(workDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function requireGo(): Promise<void> {
  try {
    await run('go', ['version']);
  } catch (error) {
    throw new StackError(`Go no está instalado o no corre (${messageOf(error)})`);
  }
}

async function requireSpace(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const freeBytes = bavail * bsize;
  if (freeBytes >= NEEDED_BYTES) return;
  const gigabytes = (bytes: number): string => (bytes / 1024 ** 3).toFixed(1).replace('.', ',');
  throw new StackError(
    `compilar necesita ${gigabytes(NEEDED_BYTES)} GB libres por unos minutos y hay ${gigabytes(freeBytes)} GB en ${dir}`,
  );
}

interface GoBuild {
  readonly moduleDir: string;
  readonly workDir: string;
  readonly output: string;
  readonly main: string;
  readonly signal: AbortSignal | undefined;
}

function goBuild(build: GoBuild, report: (state: string) => void): Promise<void> {
  const { moduleDir, workDir, output, main, signal } = build;
  return new Promise((resolve, reject) => {
    const child = spawn('go', ['build', '-trimpath', '-ldflags', '-s -w', '-o', output, main], {
      cwd: moduleDir,
      signal,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        GOMODCACHE: join(workDir, 'modules'),
        GOCACHE: join(workDir, 'cache'),
        // Pure Go: no C compiler is asked for. -modcacherw: a normal user could not remove the read-only modules.
        CGO_ENABLED: '0',
        GOFLAGS: '-modcacherw',
        GOWORK: 'off',
      },
    });
    let errors = '';
    let downloads = 0;
    const tick = setInterval(() => report(downloads > 0 ? `${downloads} módulos bajados` : ''), 1000);
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      downloads += text.split('go: downloading').length - 1;
      errors = (errors + text.replaceAll(/^go: downloading.*\n?/gm, '')).slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(tick);
      if (code === 0) resolve();
      else reject(new StackError(`go build terminó con código ${code ?? '?'}: ${lastLines(errors, 4)}`));
    });
  });
}
