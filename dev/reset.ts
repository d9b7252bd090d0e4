/** `npm run reset`: forgets everything that `npm start` has kept. Binaries in the cache stay. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, plainArguments, runCommand } from '../cli/command.ts';
import { stateDir } from '../client/local.ts';
import { removeData } from './stack/postgres-place.ts';
import { endOrphans, runningStack } from './stack/run-file.ts';

const usage = `Uso: npm run reset

  Borra todo lo que npm start ha guardado en este equipo: no se puede deshacer.`;

await runCommand({
  usage,
  run: async (args) => {
    // Before anything: a mistyped option must not delete.
    plainArguments(args, 0);
    const dir = stateDir();
    const running = await runningStack(dir);
    if (running !== undefined)
      throw new CommandError(
        `npm start está corriendo (proceso ${running}): deténgalo con Ctrl-C y repita.`,
        1,
      );
    if (!existsSync(dir)) {
      console.log(`No hay nada que borrar en ${dir}.`);
      return;
    }
    await endOrphans(dir);
    await removeData(join(dir, 'postgres'));
    await rm(dir, { recursive: true, force: true });
    console.log(`Se borró ${dir}.`);
  },
});
