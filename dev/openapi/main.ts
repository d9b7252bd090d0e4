/** `npm run client`: the types of the client, from the API's own document. */
import { plainArguments, runCommand } from '../../cli/command.ts';
import { generateClient } from './generate.ts';

const usage = `Uso: npm run client

  Escribe client/schema.d.ts a partir de las rutas de la API; después de cambiar una ruta, se ejecuta y se guarda en git.
  La primera vez instala su generador en dev/openapi.`;

await runCommand({
  usage,
  run: (args) => {
    plainArguments(args, 0);
    return generateClient();
  },
});
