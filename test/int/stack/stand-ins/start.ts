/** `npm start` with stand-ins for the project's own processes. */
import { fileURLToPath } from 'node:url';
import { startMain } from '../../../../dev/stack/main.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const scripts = { worker: file('worker.ts'), api: file('api.ts'), voice: file('voice.ts') };
process.exit(
  await startMain({ args: process.argv.slice(2), env: process.env, scripts, demoFile: file('demo.ts') }),
);
