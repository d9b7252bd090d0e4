/** Stands in for worker, API and voice provider: says that it is ready, and ends when told. */
import { appendFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const name = basename(process.argv[1] ?? '', '.ts');
const stateDir = process.env['TANDAS_STATE_DIR'];
if (stateDir === undefined) throw new Error('TANDAS_STATE_DIR is not set');
const diary = join(stateDir, 'diary.txt');

export function standIn(required: readonly string[]): void {
  for (const variable of required) {
    if (!process.env[variable]) throw new Error(`${variable} is not set`);
  }
  process.on('SIGTERM', () => {
    appendFileSync(diary, `${name} stopped\n`);
    process.exit(0);
  });
  setInterval(() => undefined, 60_000);
  appendFileSync(diary, `${name} started\n`);
  console.log(JSON.stringify({ level: 30, msg: 'ready' }));
}
