/** `npm run removals -- FILE`: whom never to contact again, from an Excel or CSV, sent to the running API. */
import { runCommand } from '../cli/command.ts';
import { sendTable, usages } from '../cli/table-file.ts';

await runCommand({ usage: usages.removals, run: (args) => sendTable('removals', args) });
