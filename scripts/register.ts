/** `npm run register -- --person RUT [--csv | --json]`: everything that was tried with one person. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/register.ts';

await runCommand({ usage, run });
