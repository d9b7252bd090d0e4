/** `npm run replay -- --query Q | --folder F`: would this code live the lives that are on record? */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/replay.ts';

await runCommand({ usage, run });
