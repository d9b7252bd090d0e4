/** `npm run audit`: a second opinion on the database, in SQL of its own. Exit 0 clean, 1 breaches, 2 could not look. */
import { run, usage } from '../cli/audit.ts';
import { runCommand } from '../cli/command.ts';

await runCommand({ usage, run });
