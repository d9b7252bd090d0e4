/** `npm run migrate`: brings the database of DATABASE_URL to this release. */
import { databaseUrl, plainArguments, runCommand } from '../cli/command.ts';
import { readPoolSettings, setUp } from '../domain/accounts/setup.ts';

await runCommand({
  usage: 'Usage: npm run migrate',
  run: async (args) => {
    plainArguments(args, 0);
    const { migrations } = await setUp(databaseUrl('to migrate'), readPoolSettings(process.env));
    console.log(migrations.length === 0 ? 'The schema is up to date.' : `Ran ${migrations.join(', ')}.`);
  },
});
