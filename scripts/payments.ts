/** `npm run payments -- FILE`: what people have paid, from an Excel or CSV, sent to the running API. */
import { runCommand } from '../cli/command.ts';
import { sendTable, usages } from '../cli/table-file.ts';

await runCommand({ usage: usages.payments, run: (args) => sendTable('payments', args) });
