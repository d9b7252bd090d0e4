/** `npm start`: the whole product in one terminal. See `dev/stack/settings.ts` for what the environment can set. */
import { startMain } from './stack/main.ts';

process.exit(await startMain({ args: process.argv.slice(2), env: process.env }));
