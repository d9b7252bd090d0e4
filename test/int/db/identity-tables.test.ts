import pg from 'pg';
import { getMigrations } from 'better-auth/db/migration';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuth } from '../../../identity/better-auth.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it('the tables of sign-in are those that its library asks for: an upgrade that asks for more is seen here', async () => {
  const pool = new pg.Pool({ connectionString: world.url, options: '-c search_path=identity' });
  const auth = createAuth({
    pool,
    secret: 'x'.repeat(43),
    baseUrl: 'http://127.0.0.1',
    sendReset: () => Promise.resolve(),
    useLink: () => Promise.resolve(undefined),
    onError: () => undefined,
  });
  try {
    const missing = async (): Promise<string> => {
      const { compileMigrations } = await getMigrations(auth.options);
      return (await compileMigrations()).replaceAll(/[;\s]/g, '');
    };
    expect(await missing()).toBe('');
    await pool.query('alter table identity."twoFactor" drop column "lockedUntil"');
    expect(await missing()).toContain('lockedUntil');
  } finally {
    await pool.end();
  }
});
