/** `npm run record-history`: keeps histories of a live server for the replay suite, at each release. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/record-history.ts';

await runCommand({ usage, run });
