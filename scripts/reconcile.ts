/** `npm run reconcile -- calls --since INSTANT | contacts | resume`: after a restore, in this order. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/reconcile.ts';

await runCommand({ usage, run });
