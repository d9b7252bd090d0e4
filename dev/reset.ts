/** `npm run reset`: forgets everything that `npm start` has kept. Binaries in the cache stay. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stateDir } from '../client/local.ts';
import { removeData } from './stack/postgres-place.ts';
import { endOrphans, runningStack } from './stack/run-file.ts';

const dir = stateDir();
const running = await runningStack(dir);
if (running !== undefined) {
  console.error(`Hay un stack corriendo (proceso ${running}): deténgalo con Ctrl-C y repita.`);
  process.exit(1);
}
if (existsSync(dir)) {
  await endOrphans(dir);
  await removeData(join(dir, 'postgres'));
  await rm(dir, { recursive: true, force: true });
  console.log(`Se borró ${dir}.`);
} else {
  console.log(`No hay nada que borrar en ${dir}.`);
}
