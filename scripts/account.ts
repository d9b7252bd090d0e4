/** `npm run account -- create …` makes an account and its API key; `pack` chooses a rule pack for one that exists. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/account.ts';

await runCommand({ usage, run });
