/** `npm run forecast -- --contacts N --lines N`: when such a batch would be done, and what it would cost. No server. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/forecast.ts';

await runCommand({ usage, run });
