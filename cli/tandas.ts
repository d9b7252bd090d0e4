import { CommandError, exitCodes, runCommand } from './command.ts';
import { completionFor, optionsIn } from './completion.ts';
import { type TandasCommand, tandasCommands } from './tandas-commands.ts';
import { asTandas, routeOf } from './tandas-route.ts';

const names = tandasCommands.map(({ name }) => name);
const widest = Math.max(...names.map((name) => name.length));

export const usage = `Uso: tandas COMANDO [opciones]

${tandasCommands.map(({ name, does }) => `  ${name.padEnd(widest)}  ${does.es} (${does.en})`).join('\n')}

  ${'help'.padEnd(widest)}  tandas help COMANDO: cómo se usa (how it is used)
  ${'completion'.padEnd(widest)}  tandas completion bash|zsh|fish: para completar con Tab (for the Tab key)

  API_URL y API_KEY indican el servidor y la clave; sin ellas, el entorno local de npm start.
  Termina con 0 si todo fue bien, 1 si falló, 2 si se escribió mal, 3 si la API lo rechazó
  (ends with 0 done, 1 failed, 2 mistyped, 3 refused by the API).`;

/** One command line over the API. Each command is a module of its own, the same that its npm script runs. */
export async function tandas(argv: readonly string[]): Promise<void> {
  const route = routeOf(argv, names);
  switch (route.kind) {
    case 'run': {
      const { run, usage: own } = await named(route.name).load();
      return runCommand(
        { usage: asTandas(own, names), run: (args) => inOwnWords(() => run(args)) },
        route.args,
      );
    }
    case 'help':
      console.log(route.name === undefined ? usage : asTandas((await named(route.name).load()).usage, names));
      return;
    case 'completion':
      return runCommand({ usage, run: () => printCompletion(route.shell) }, []);
    case 'nothing':
      console.error(usage);
      process.exitCode = exitCodes.usage;
      return;
    case 'unknown': {
      const { typed, nearest } = route;
      const hint = nearest.length === 0 ? 'tandas help' : nearest.map((name) => `tandas ${name}`).join(', ');
      console.error(
        `No existe el comando «${typed}» (no such command). ¿Quiso decir (did you mean): ${hint}?`,
      );
      process.exitCode = exitCodes.usage;
    }
  }
}

function named(name: string): TandasCommand {
  const found = tandasCommands.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no command is called ${name}`);
  return found;
}

/** A usage that a module throws names its npm script: whoever typed `tandas` is told what to type there. */
async function inOwnWords(run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(asTandas(error.message, names), error.exitCode);
  }
}

async function printCompletion(shell: string | undefined): Promise<void> {
  const commands = [];
  for (const { name, does, actions, load } of tandasCommands) {
    commands.push({ name, does: does.es, actions, options: optionsIn((await load()).usage) });
  }
  process.stdout.write(completionFor(shell, commands));
}
