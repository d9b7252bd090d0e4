/** `npm run status [-- LOTE]`: balance, open tasks and batches with their progress; or one batch, live. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/status.ts';

await runCommand({ usage, run });
