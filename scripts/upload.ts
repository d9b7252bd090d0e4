/** `npm run upload -- FILE [--start]`: shows what a file would become, or loads it and calls its people. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/upload.ts';

await runCommand({ usage, run });
