/** `npm run deploy -- --build B | --list`: gives the running contacts to a new build, after their histories were replayed. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/deploy.ts';

await runCommand({ usage, run });
