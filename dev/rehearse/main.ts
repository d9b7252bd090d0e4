/** `npm run rehearse -- FILE`: the batch of a file in virtual time, on a stack of its own where none runs. */
import { runCommand } from '../../cli/command.ts';
import { run, usage } from '../../cli/rehearse.ts';
import { findTarget } from './target.ts';

await runCommand({ usage, run: (args) => run(args, () => findTarget(process.env)) });
