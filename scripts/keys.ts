/** `npm run keys -- list | make | rotate | revoke`: API keys of an account, and its tokens of the bundled MCP server. */
import { runCommand } from '../cli/command.ts';
import { run, usage } from '../cli/keys.ts';

await runCommand({ usage, run });
