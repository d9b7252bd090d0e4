/** `npm run results -- LOTE [--format xlsx|csv|ndjson] [--out ARCHIVO]`: what became of each contact of a batch. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/results.ts';

await runCommand({ usage, run });
