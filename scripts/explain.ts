/** `npm run explain -- --contact ID | --pack KEY [--at …]`: may this person be called or written to then, and by which rule not. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/explain.ts';

await runCommand({ usage, run });
