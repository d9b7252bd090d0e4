/** `npm run holidays -- list | add | remove`: corrections of the holiday calendar, for every account. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/holidays.ts';

await runCommand({ usage, run });
