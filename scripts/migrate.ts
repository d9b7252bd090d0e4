import { readPoolSettings, setUp } from '../domain/accounts/setup.ts';

/** `npm run migrate`: brings the database of DATABASE_URL to this release. */
const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name the database to migrate');
const { migrations } = await setUp(url, readPoolSettings(process.env));
console.log(migrations.length === 0 ? 'The schema is up to date.' : `Ran ${migrations.join(', ')}.`);
