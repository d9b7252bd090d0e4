import { expect, it } from 'vitest';
import { OpenFiles } from '../../../api/results/open-files.ts';

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('first');
  throw new Error('the database is gone');
}

it('a file that fails behind its first part breaks off, is no shorter file, and gives its place back', async () => {
  const files = new OpenFiles(1);
  const body = await files.body('an account', () => Promise.resolve(failing()));
  const more = files.body('an account', () => Promise.resolve(failing()));
  await expect(more).rejects.toMatchObject({ code: 'too_many_results' });
  await expect(new Response(body).text()).rejects.toThrow('the database is gone');
  await expect(files.body('an account', () => Promise.reject(new Error('no batch')))).rejects.toThrow(
    'no batch',
  );
  const again = await files.body('an account', () => Promise.resolve(failing()));
  await again.cancel();
  expect((await files.body('an account', () => Promise.resolve(failing()))).locked).toBe(false);
});
